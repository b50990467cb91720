import { attempt, sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { Fd, keptAfter, openFile, writeExisting } from '../../kernel/files.ts';
import { CgroupFiles } from './files.ts';

/** Tells when a container runs out of memory. */
export class OomWatch {
  readonly #event: Fd;
  readonly #control: string;

  constructor(event: Fd, control: string) {
    this.#event = event;
    this.#control = control;
  }

  /** Readable when there is something to take. */
  get number(): number {
    return this.#event.number;
  }

  /** Takes what has come: true for want of memory, false for the removal of the cgroup, which comes likewise. */
  take(): boolean {
    sys('read', this.#event.number, new BigUint64Array(1), 8);
    return attempt('access', this.#control, 0) === 0;
  }

  [Symbol.dispose](): void {
    this.#event.close();
  }
}

/** By an eventfd (cgroup-v1/memory.rst, "OOM Control"); undefined where there is no memory controller. */
export function watchOom(cgroups: readonly string[]): OomWatch | undefined {
  const directory = new CgroupFiles(cgroups).directoryOf('memory.oom_control');
  if (directory === undefined) return undefined;
  const control = `${directory}/cgroup.event_control`;
  using state = openFile(`${directory}/memory.oom_control`, O.RDONLY);
  const event = new Fd(sys('eventfd2', 0, O.CLOEXEC));
  keptAfter(event, () => writeExisting(control, `${event.number} ${state.number}`));
  return new OomWatch(event, control);
}
