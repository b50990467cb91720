import { bytesToLatin1, latin1ToBytes } from '../base/bytes.ts';
import { type ErofsInode, ErofsReader } from './erofs-reader.ts';
import { TYPE_CHARACTER, TYPE_DIRECTORY, typeOfMode } from './erofs/format.ts';
import type { ImageFile } from './image-file.ts';

/** An inode and the image that has it. */
export interface LowerInode {
  readonly reader: ErofsReader;
  readonly inode: ErofsInode;
}

/** The layers below as overlayfs shows them together. */
export class LowerStack {
  readonly #roots: readonly LowerInode[];

  /** The images, the bottom one first. */
  constructor(images: readonly ImageFile[]) {
    const readers = images.map((image) => new ErofsReader(image)).toReversed();
    this.#roots = readers.map((reader) => ({ reader, inode: reader.root }));
  }

  /** What a path of names leads to; symbolic links are not followed. */
  lookup(names: readonly Uint8Array[]): LowerInode | undefined {
    return this.#find(names)[0];
  }

  /** The names in a directory; none in anything else. */
  list(path: readonly Uint8Array[]): Uint8Array[] {
    const directories = this.#find(path);
    const names = new Set<string>();
    for (const { reader, inode } of directories) {
      for (const { name } of reader.list(inode)) names.add(bytesToLatin1(name));
    }
    return [...names].map(latin1ToBytes).filter((name) => lookIn(directories, name).length > 0);
  }

  #find(names: readonly Uint8Array[]): readonly LowerInode[] {
    let found = this.#roots;
    for (const name of names) {
      found = lookIn(found, name);
      if (found.length === 0) break;
    }
    return found;
  }
}

/** The inodes of a name in merged directories, top first: several only if they are directories that merge. */
function lookIn(directories: readonly LowerInode[], name: Uint8Array): LowerInode[] {
  const found: LowerInode[] = [];
  for (const { reader, inode } of directories) {
    const child = reader.child(inode, name);
    if (child === undefined) continue;
    if (typeOfMode(child.mode) !== TYPE_DIRECTORY) {
      return found.length > 0 || isWhiteout(child) ? found : [{ reader, inode: child }];
    }
    found.push({ reader, inode: child });
    if (reader.xattrs(child).has('trusted.overlay.opaque')) return found;
  }
  return found;
}

function isWhiteout(inode: ErofsInode): boolean {
  return typeOfMode(inode.mode) === TYPE_CHARACTER && inode.device.major === 0 && inode.device.minor === 0;
}
