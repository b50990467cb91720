import { attempt, sys, SysError } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { namesIn } from '../../kernel/directory-names.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { openAt, openFile } from '../../kernel/files.ts';

const DIRECTORY = 4;

/** Makes what a skeleton has and a tree lacks. Links of the tree are left alone, and never followed. */
export function addMountPoints(skeleton: string, tree: number): void {
  using from = openFile(skeleton, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  add(from.number, tree);
}

function add(from: number, to: number): void {
  for (const { name, type } of namesIn(from)) {
    if (type !== DIRECTORY) {
      const made = attempt('openat', to, name, O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW | O.CLOEXEC, 0o644);
      if (made >= 0) attempt('close', made);
      else if (made !== -ERRNO.EEXIST) throw new SysError('openat', -made, utf8(name, 0, name.length - 1));
      continue;
    }
    const made = attempt('mkdirat', to, name, 0o755);
    if (made < 0 && made !== -ERRNO.EEXIST) sys('mkdirat', to, name, 0o755);
    const opened = attempt('openat', to, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW | O.CLOEXEC, 0);
    if (opened < 0) continue;
    using inner = openAt(from, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
    try {
      add(inner.number, opened);
    } finally {
      attempt('close', opened);
    }
  }
}
