const BLOCK = 512;

export interface TarEntry {
  readonly name: string;
  readonly data?: Uint8Array | string;
  readonly mode?: number;
  /** ustar's typeflag: '0' file, '1' hard link, '2' symlink, '5' directory. */
  readonly type?: string;
  readonly link?: string;
  /** What the header says where that is not the size of `data`. */
  readonly size?: number;
}

/** A ustar archive, for tests that need what no tool writes. */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(partsOf), Buffer.alloc(2 * BLOCK)]);
}

function partsOf(entry: TarEntry): readonly Buffer[] {
  const data = Buffer.from(entry.data ?? '');
  return [header(entry, entry.size ?? data.length), data, Buffer.alloc(-data.length & (BLOCK - 1))];
}

function header({ name, mode = 0o644, type = '0', link = '' }: TarEntry, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number) =>
    block.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1');
  block.write(name, 0, 100);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write('        ', 148, 'latin1');
  block.write(type, 156, 'latin1');
  block.write(link, 157, 100);
  block.write('ustar\u000000', 257, 'latin1');
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return block;
}
