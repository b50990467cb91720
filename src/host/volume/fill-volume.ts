import { sys } from '../kernel/call.ts';
import { AT, O } from '../kernel/constants.ts';
import { openAt, type Fd } from '../kernel/files.ts';
import { removeTree } from '../kernel/remove-tree.ts';
import { statusOf } from '../kernel/stat.ts';
import { usersOf } from './use-volume.ts';
import { DATA_FOLDER, isEmpty, lockVolume } from './volume-places.ts';

const FILLING = '_filling';

export interface Filling {
  /** A directory of an image. */
  readonly source: Fd;
  readonly copy: (source: number, target: number) => void;
  /** What is written through in the place of a directory; closed after it. */
  readonly view?: (directory: Fd) => Fd;
}

/**
 * Fills a volume that is empty by `copy` from `source`, whose owner and permissions it takes. Where nobody else has it,
 * whole or not at all.
 */
export function fillVolume(store: string, name: string, { source, copy, view }: Filling): void {
  using directory = lockVolume(store, name, 'alone');
  if (directory === undefined || !isEmpty(directory.number, DATA_FOLDER)) return;
  const isAlone = usersOf(store, directory.number).length < 2;
  const folder = isAlone ? FILLING : DATA_FOLDER;
  if (isAlone) {
    removeTree(directory.number, FILLING);
    sys('mkdirat', directory.number, FILLING, 0o700);
  }
  {
    using plain = openAt(directory.number, folder, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
    using target = view?.(plain) ?? plain;
    copy(source.number, target.number);
    const { uid, gid, mode } = statusOf(source.number);
    sys('fchownat', target.number, '', uid, gid, AT.EMPTY_PATH);
    sys('fchmod', target.number, mode & 0o7777);
  }
  // Over the empty directory.
  if (isAlone) sys('renameat', directory.number, FILLING, directory.number, DATA_FOLDER);
}
