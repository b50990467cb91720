import { attempt, sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { Fd, keptAfter, openFile, writeExisting } from '../../kernel/files.ts';
import { CgroupFiles } from './files.ts';

/** Tells when a container runs out of memory. */
export interface OomWatch extends Disposable {
  /** A descriptor that is readable when there is something to take. */
  readonly number: number;
  /** Takes what has come: true for want of memory, false for anything else that comes likewise. */
  readonly take: () => boolean;
}

class OomWatchV1 implements OomWatch {
  readonly #event: Fd;
  readonly #control: string;

  constructor(event: Fd, control: string) {
    this.#event = event;
    this.#control = control;
  }

  get number(): number {
    return this.#event.number;
  }

  /** The removal of the cgroup comes likewise. */
  take(): boolean {
    sys('read', this.#event.number, new BigUint64Array(1), 8);
    return attempt('access', this.#control, 0) === 0;
  }

  [Symbol.dispose](): void {
    this.#event.close();
  }
}

const IN_MODIFY = 2;
const INOTIFY_ROOM = 4096;

class OomWatchV2 implements OomWatch {
  readonly #inotify: Fd;
  readonly #files: CgroupFiles;
  #count: bigint;

  constructor(inotify: Fd, files: CgroupFiles) {
    this.#inotify = inotify;
    this.#files = files;
    this.#count = killsIn(files);
  }

  get number(): number {
    return this.#inotify.number;
  }

  /** Other events of memory come likewise, as its reaching a limit. */
  take(): boolean {
    sys('read', this.#inotify.number, new Uint8Array(INOTIFY_ROOM), INOTIFY_ROOM);
    const before = this.#count;
    this.#count = killsIn(this.#files);
    return this.#count > before;
  }

  [Symbol.dispose](): void {
    this.#inotify.close();
  }
}

function killsIn(files: CgroupFiles): bigint {
  return files.pairs('memory.events').get('oom_kill') ?? 0n;
}

/** undefined where there is no memory controller. */
export function watchOom(cgroups: readonly string[]): OomWatch | undefined {
  const files = new CgroupFiles(cgroups);
  const v2 = files.directoryOf('memory.events');
  if (v2 !== undefined) return watchV2(`${v2}/memory.events`, files);
  const v1 = files.directoryOf('memory.oom_control');
  return v1 === undefined ? undefined : watchV1(v1);
}

/** cgroup-v2.rst, "memory.events": its changes are told as those of any file are. */
function watchV2(path: string, files: CgroupFiles): OomWatch {
  const inotify = new Fd(sys('inotify_init1', O.CLOEXEC));
  keptAfter(inotify, ({ number }) => sys('inotify_add_watch', number, path, IN_MODIFY));
  return new OomWatchV2(inotify, files);
}

/** By an eventfd (cgroup-v1/memory.rst, "OOM Control"). */
function watchV1(directory: string): OomWatch {
  const control = `${directory}/cgroup.event_control`;
  using state = openFile(`${directory}/memory.oom_control`, O.RDONLY);
  const event = new Fd(sys('eventfd2', 0, O.CLOEXEC));
  keptAfter(event, () => writeExisting(control, `${event.number} ${state.number}`));
  return new OomWatchV1(event, control);
}
