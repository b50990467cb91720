import { attempt, sys } from '../../kernel/call.ts';
import { AT, O } from '../../kernel/constants.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { openAt, type Fd } from '../../kernel/files.ts';
import { statusOf } from '../../kernel/stat.ts';

/** In the container's directory; they belong to whoever holds the lock. */
export const UPPER_FOLDER = 'upper';
export const WORK_FOLDER = 'work';

export interface Upper {
  readonly upper: Fd;
  readonly work: Fd;
  /** Whether this call made it. */
  readonly isNew: boolean;
  [Symbol.dispose](): void;
}

/** The two directories of a container's overlay, made if they are not there. */
export function openUpper(directory: number): Upper {
  const isNew = makeFolder(directory, UPPER_FOLDER);
  makeFolder(directory, WORK_FOLDER);
  const upper = openFolder(directory, UPPER_FOLDER);
  const work = openFolder(directory, WORK_FOLDER);
  return {
    upper,
    work,
    isNew,
    [Symbol.dispose]: () => {
      upper.close();
      work.close();
    },
  };
}

function makeFolder(directory: number, name: string): boolean {
  const result = attempt('mkdirat', directory, name, 0o755);
  if (result === -ERRNO.EEXIST) return false;
  if (result < 0) sys('mkdirat', directory, name, 0o755);
  return true;
}

function openFolder(directory: number, name: string): Fd {
  return openAt(directory, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
}

/** The root directory of an overlay is its upper's. */
export function copyOwnerAndMode(from: Fd, to: Fd): void {
  const wanted = statusOf(from.number);
  const actual = statusOf(to.number);
  if (wanted.uid !== actual.uid || wanted.gid !== actual.gid) {
    sys('fchownat', to.number, '', wanted.uid, wanted.gid, AT.EMPTY_PATH);
  }
  if ((wanted.mode & 0o7777) !== (actual.mode & 0o7777)) sys('fchmod', to.number, wanted.mode & 0o7777);
}
