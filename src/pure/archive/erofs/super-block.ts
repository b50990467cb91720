import { crc32c } from './crc32c.ts';
import {
  BLOCK,
  BLOCK_BITS,
  COMPAT_CHECKSUM,
  COMPAT_MTIME,
  MAGIC,
  SLOT,
  SUPER,
  SUPER_OFFSET,
} from './format.ts';
import { ROOT_POSITION } from './tree-layout.ts';

/** The first block: superblock, then the root's inode with its attributes. */
export function firstBlock(
  root: Uint8Array,
  counts: { readonly inodes: number; readonly blocks: number },
): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const view = new DataView(block.buffer, SUPER_OFFSET);
  view.setUint32(0, MAGIC, true);
  view.setUint32(SUPER.compat, COMPAT_CHECKSUM | COMPAT_MTIME, true);
  view.setUint8(SUPER.blockBits, BLOCK_BITS);
  view.setUint16(SUPER.rootNid, ROOT_POSITION / SLOT, true);
  view.setUint32(SUPER.inodes, counts.inodes, true);
  view.setUint32(SUPER.blocks, counts.blocks, true);
  block.set(root, ROOT_POSITION);
  // The sum covers what lies behind the boot area, with its own field zero.
  view.setUint32(SUPER.checksum, crc32c(block.subarray(SUPER_OFFSET)), true);
  return block;
}
