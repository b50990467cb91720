import { bytesToLatin1 } from '../../base/bytes.ts';
import type { TarEntry } from '../tar-entry.ts';
import { TarReader } from '../tar-reader.ts';

export interface ReadEntry {
  readonly path: string;
  readonly entry: TarEntry;
  content: string;
}

/** All entries of an archive that comes in pieces of a size. */
export function readArchive(archive: Uint8Array, piece = archive.length): ReadEntry[] {
  const found: ReadEntry[] = [];
  const reader = new TarReader({
    entry: (entry) => {
      found.push({ path: bytesToLatin1(entry.path), entry, content: '' });
    },
    data: (bytes) => {
      const last = found.at(-1);
      if (last !== undefined) last.content += bytesToLatin1(bytes);
    },
  });
  for (let at = 0; at < archive.length; at += piece) reader.push(archive.subarray(at, at + piece));
  reader.finish();
  return found;
}
