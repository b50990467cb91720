import { EXTENDED, INODE, INODE_BYTES } from './format.ts';

/** The fields of an extended inode. */
export interface InodeFields {
  readonly layout: number;
  readonly xattrCount: number;
  readonly mode: number;
  readonly size: number;
  /** The content's first block or the device's number. */
  readonly union: number;
  readonly number: number;
  readonly uid: number;
  readonly gid: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly links: number;
}

export function writeInode(view: DataView, at: number, inode: InodeFields): void {
  // Compact inodes have no time of their own on kernels before 6.15.
  view.setUint16(at + INODE.format, EXTENDED | (inode.layout << 1), true);
  view.setUint16(at + INODE.xattrCount, inode.xattrCount, true);
  view.setUint16(at + INODE.mode, inode.mode, true);
  view.setUint32(at + INODE.size, inode.size, true);
  view.setUint32(at + INODE.size + 4, Math.floor(inode.size / 2 ** 32), true);
  view.setUint32(at + INODE.union, inode.union, true);
  view.setUint32(at + INODE.number, inode.number, true);
  view.setUint32(at + INODE.uid, inode.uid, true);
  view.setUint32(at + INODE.gid, inode.gid, true);
  view.setUint32(at + INODE.mtime, inode.seconds, true);
  view.setUint32(at + INODE.mtime + 4, Math.floor(inode.seconds / 2 ** 32), true);
  view.setUint32(at + INODE.nanoseconds, inode.nanoseconds, true);
  view.setUint32(at + INODE.links, inode.links, true);
  for (let unused = INODE.links + 4; unused < INODE_BYTES; unused += 4) view.setUint32(at + unused, 0, true);
}
