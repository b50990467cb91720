/** What an archive may have at most; the error that tells of more names the entry. */
export interface ArchiveLimits {
  /** Entries of the archive, duplicates among them: about 60 to 100 bytes of memory each. */
  readonly entries: number;
  /** Components of one path. */
  readonly depth: number;
  /** Bytes of one path. */
  readonly pathBytes: number;
  /** Bytes of one extended header: PAX records, GNU long names, maps of sparse files. */
  readonly headerBytes: number;
  /** Bytes of all extended attributes of one entry, names and values. */
  readonly xattrBytes: number;
  /** Bytes of the distinct extended attributes of all directories, which stay in memory until the end. */
  readonly directoryXattrBytes: number;
  /** Bytes of the image, holes of sparse files among them. */
  readonly imageBytes: number;
}

export const DEFAULT_LIMITS: ArchiveLimits = {
  entries: 5_000_000,
  depth: 1024,
  pathBytes: 65_536,
  headerBytes: 1 << 20,
  xattrBytes: 61_440,
  directoryXattrBytes: 1 << 23,
  // A directory entry keeps 37 bits of its inode's number, which counts units of 32 bytes.
  imageBytes: 2 ** 42,
};
