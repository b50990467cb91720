import { attempt, sys } from '../call.ts';
import { AT, MAGIC, MS, O, S } from '../constants.ts';
import { keptAfter, openAt, type Fd } from '../files.ts';
import { hasOwnMounts } from '../own-mounts.ts';
import { fileSystemOf, isDirectory, statusOf } from '../stat.ts';
import { openInProc, openProc } from './proc.ts';

/**
 * Where mounts are that would be detached ones with a later kernel: on a tmpfs of this process's own mount namespace,
 * out of everybody's way. It lies on a directory of /proc that belongs to this process, and goes with the tree of the
 * host when the root is changed.
 */
export class Stage {
  /** /proc/self/fd: its names, as paths of mount(2), are the very files that the descriptors hold. */
  readonly #links: Fd;
  readonly #folder: Fd;
  #count = 0;

  private constructor(links: Fd, folder: Fd) {
    this.#links = links;
    this.#folder = folder;
  }

  static make(): Stage {
    using proc = openProc();
    // Nothing that is mounted there may come to the host, even where its mounts are shared with this namespace.
    inDirectory(proc.number, () => sys('mount', null, '.', null, MS.PRIVATE, null));
    {
      using place = openInProc(proc, PLACE, O.PATH | O.DIRECTORY);
      inDirectory(place.number, () => sys('mount', 'stage', '.', 'tmpfs', STAGE_FLAGS, 'mode=700'));
    }
    const folder = keptAfter(openAt(proc.number, PLACE, O.PATH | O.DIRECTORY), ({ number }) => {
      if (fileSystemOf(number) !== MAGIC.TMPFS) throw new Error('the stage is not what was mounted');
    });
    return new Stage(
      keptAfter(openInProc(proc, 'self/fd', O.PATH | O.DIRECTORY), () => undefined),
      folder,
    );
  }

  /** A copy of what is mounted at a file or directory. */
  copy(source: number, isRecursive: boolean): Fd {
    const name = this.#makePlace(isDirectory(statusOf(source)));
    using place = openAt(this.#folder.number, name, O.PATH | O.NOFOLLOW);
    const flags = MS.BIND | (isRecursive ? MS.REC : 0);
    this.mount(String(source), place.number, flags);
    return openAt(this.#folder.number, name, O.PATH | O.NOFOLLOW);
  }

  /** A new file system. */
  make(type: string, flags: number, data: string): Fd {
    const name = this.#makePlace(true);
    {
      using place = openAt(this.#folder.number, name, O.PATH | O.NOFOLLOW);
      inDirectory(place.number, () => sys('mount', 'none', '.', type, flags, data === '' ? null : data));
    }
    return openAt(this.#folder.number, name, O.PATH | O.NOFOLLOW);
  }

  /** Brings a detached mount here, by move_mount(2) itself. */
  park(mount: number): void {
    const name = this.#makePlace(isDirectory(statusOf(mount)));
    using place = openAt(this.#folder.number, name, O.PATH | O.NOFOLLOW);
    sys('move_mount', mount, '', place.number, '', EMPTY_PATHS);
  }

  /** mount(2) between files that descriptors hold. */
  mount(source: string | null, target: number, flags: number): void {
    inDirectory(this.#links.number, () => sys('mount', source, String(target), null, flags, null));
  }

  #makePlace(isFolder: boolean): string {
    const name = String(this.#count++);
    if (isFolder) sys('mkdirat', this.#folder.number, name, 0o700);
    else sys('mknodat', this.#folder.number, name, S.IFREG | 0o600, 0);
    return name;
  }
}

/** A directory that nothing here is looked up in. */
const PLACE = 'self/net';
const STAGE_FLAGS = MS.NOSUID | MS.NODEV | MS.NOEXEC;
/** MOVE_MOUNT_F_EMPTY_PATH and MOVE_MOUNT_T_EMPTY_PATH */
const EMPTY_PATHS = 0x44;

let stage: Stage | undefined;

/** undefined where this process's mounts are not its own. */
export function ownStage(): Stage | undefined {
  if (!hasOwnMounts()) return undefined;
  stage ??= Stage.make();
  return stage;
}

/** With another working directory, which makes a path of a descriptor; back in the old one at the end. */
function inDirectory(directory: number, body: () => unknown): void {
  using before = openAt(AT.FDCWD, '.', O.PATH | O.DIRECTORY);
  sys('fchdir', directory);
  try {
    body();
  } finally {
    attempt('fchdir', before.number);
  }
}
