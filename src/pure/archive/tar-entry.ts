export type TarType = 'file' | 'hardlink' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo';

/** One entry of an archive; names are the bytes that the archive has, with long names of PAX and GNU tar applied. */
export interface TarEntry {
  readonly path: Uint8Array;
  readonly type: TarType;
  /** The target of a hard or symbolic link, empty otherwise. */
  readonly link: Uint8Array;
  /** How many bytes of content data() will bring, holes of a sparse file among them; 0 for other types. */
  readonly size: number;
  /** Permission bits, 0 to 07777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: { readonly seconds: number; readonly nanoseconds: number };
  readonly device: { readonly major: number; readonly minor: number };
  /** Extended attributes by full name (one Latin-1 character a byte). */
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

export interface TarHandler {
  entry(entry: TarEntry): void;
  /** The next bytes of the entry's content, borrowed: valid during the call. */
  data(bytes: Uint8Array): void;
  /** The next bytes of the content are zeros; without it data() brings them. */
  hole?(length: number): void;
  /** The entry's content is over; called for every entry. */
  end?(): void;
}
