// The parts of the format that this module writes and reads: Linux fs/erofs/erofs_fs.h.

export const BLOCK_BITS = 12;
export const BLOCK = 1 << BLOCK_BITS;
export const SUPER_OFFSET = 1024;
export const SUPER_BYTES = 128;
export const MAGIC = 0xe0f5e1e2;

/** Offsets in the superblock. */
export const SUPER = {
  checksum: 4,
  compat: 8,
  blockBits: 12,
  extSlots: 13,
  rootNid: 14,
  inodes: 16,
  blocks: 36,
  metaBlock: 40,
  incompat: 80,
} as const;

export const COMPAT_CHECKSUM = 1;
export const COMPAT_MTIME = 2;

/** An inode's number is its offset from the metadata area's start in units of 32 bytes. */
export const SLOT = 32;
export const INODE_BYTES = 64;
export const EXTENDED = 1;

/** Offsets in an extended inode. */
export const INODE = {
  format: 0,
  xattrCount: 2,
  mode: 4,
  size: 8,
  /** The first block of the content, or the device number. */
  union: 16,
  number: 20,
  uid: 24,
  gid: 28,
  mtime: 32,
  nanoseconds: 40,
  links: 44,
} as const;

export const FLAT_PLAIN = 0;
export const FLAT_INLINE = 2;

export const DIRENT_BYTES = 12;
export const NAME_MAX = 255;
export const SYMLINK_MAX = 4095;

export const XATTR_HEADER = 12;

/** Prefixes of extended attributes: the text, the index on disk, whether it is the whole name. */
export const XATTR_PREFIXES = [
  { text: 'system.posix_acl_access', index: 2, whole: true },
  { text: 'system.posix_acl_default', index: 3, whole: true },
  { text: 'user.', index: 1, whole: false },
  { text: 'trusted.', index: 4, whole: false },
  { text: 'security.', index: 6, whole: false },
] as const;

export const S_IFMT = 0o170000;
export const S_IFREG = 0o100000;
export const S_IFDIR = 0o040000;
export const S_IFLNK = 0o120000;
export const S_IFCHR = 0o020000;
export const S_IFBLK = 0o060000;
export const S_IFIFO = 0o010000;

/** File types in directory entries; 0 is none. */
export const TYPE_FILE = 1;
export const TYPE_DIRECTORY = 2;
export const TYPE_CHARACTER = 3;
export const TYPE_BLOCK = 4;
const TYPE_FIFO = 5;
export const TYPE_SYMLINK = 7;

const TYPE_OF_FORMAT: ReadonlyMap<number, number> = new Map([
  [S_IFREG, TYPE_FILE],
  [S_IFDIR, TYPE_DIRECTORY],
  [S_IFCHR, TYPE_CHARACTER],
  [S_IFBLK, TYPE_BLOCK],
  [S_IFIFO, TYPE_FIFO],
  [S_IFLNK, TYPE_SYMLINK],
]);

/** The directory entry's type for a mode. */
export function typeOfMode(mode: number): number {
  return TYPE_OF_FORMAT.get(mode & S_IFMT) ?? 0;
}

/** Linux's new_encode_dev(): 12 bits of major and 20 of minor. */
export function encodeDevice(major: number, minor: number): number {
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}

export function decodeDevice(device: number): { major: number; minor: number } {
  return { major: (device >>> 8) & 0xfff, minor: (device & 0xff) | ((device >>> 12) & 0xfff00) };
}
