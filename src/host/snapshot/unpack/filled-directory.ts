import { attempt, sys } from '../../kernel/call.ts';
import { S } from '../../kernel/constants.ts';
import { namesIn } from '../../kernel/directory-names.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { removeTree } from '../../kernel/remove-tree.ts';
import { statusAt } from '../../kernel/stat.ts';

/**
 * What becomes of whiteouts and opaque directories: kept in overlayfs's own form, with its marks in `trusted.` or
 * `user.overlay.`, or done to the tree that is there.
 */
export type Marks = 'trusted' | 'user' | 'applied';

const TRUSTED = 'trusted.overlay.';
const USER = 'user.overlay.';

/** How names come into a directory, by the marks that are wanted. */
export class FilledDirectory {
  readonly #marks: Marks;

  constructor(marks: Marks) {
    this.#marks = marks;
  }

  whiteout(directory: number, name: Uint8Array): void {
    if (this.#marks === 'applied') removeTree(directory, name);
    else sys('mknodat', directory, name, S.IFCHR, 0);
  }

  /** Removes what a file takes the place of. */
  makeRoom(directory: number, name: Uint8Array): void {
    if (this.#marks === 'applied') removeTree(directory, name);
  }

  /** A directory of mode 0700 until it is described; one that is there keeps its content unless it is hidden. */
  makeDirectory(directory: number, name: Uint8Array, isOpaque: boolean): void {
    if (this.#marks === 'applied') {
      const there = statusAt(directory, name);
      if (there !== undefined && ((there.mode & S.IFMT) !== S.IFDIR || isOpaque)) removeTree(directory, name);
      else if (there !== undefined) return;
    }
    sys('mkdirat', directory, name, 0o700);
  }

  /** False for one that a user namespace may not make, which does without as with podman. */
  makeDevice(
    directory: number,
    name: Uint8Array,
    { mode, device }: { readonly mode: number; readonly device: number },
  ): boolean {
    const result = attempt('mknodat', directory, name, mode, device);
    const type = mode & S.IFMT;
    if (result === -ERRNO.EPERM && (type === S.IFCHR || type === S.IFBLK) && this.#marks !== 'trusted')
      return false;
    if (result < 0) sys('mknodat', directory, name, mode, device);
    return true;
  }

  clear(directory: number): void {
    if (this.#marks !== 'applied') return;
    for (const { name } of namesIn(directory)) removeTree(directory, name);
  }

  /** A directory's attributes, with the marks in the form that is wanted. */
  marked(xattrs: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
    if (this.#marks === 'trusted' || xattrs.size === 0) return xattrs;
    const isMark = (name: string): boolean => name.startsWith(TRUSTED);
    const others = [...xattrs].filter(([name]) => !isMark(name));
    const marks = [...xattrs].filter(([name]) => isMark(name));
    const moved = marks.map(([name, value]) => [USER + name.slice(TRUSTED.length), value] as const);
    return new Map(this.#marks === 'user' ? [...others, ...moved] : others);
  }
}
