import { sys } from '../../kernel/call.ts';
import { AT, O } from '../../kernel/constants.ts';
import { openAt, openFile, readDirectoryAt } from '../../kernel/files.ts';
import { isDirectory, statusAt, statusOf } from '../../kernel/stat.ts';

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Gives a tree to a user, its mounts included and no link followed. */
export function changeOwner(path: string, owner: Owner): void {
  using top = openFile(path, O.RDONLY | O.NONBLOCK);
  sys('fchown', top.number, owner.uid, owner.gid);
  if (isDirectory(statusOf(top.number))) changeBelow(top.number, owner);
}

function changeBelow(directory: number, owner: Owner): void {
  for (const name of readDirectoryAt(directory)) {
    const status = statusAt(directory, name);
    if (status === undefined) continue;
    if (status.uid !== owner.uid || status.gid !== owner.gid) {
      sys('fchownat', directory, name, owner.uid, owner.gid, AT.SYMLINK_NOFOLLOW);
    }
    if (!isDirectory(status)) continue;
    using inner = openAt(directory, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
    changeBelow(inner.number, owner);
  }
}
