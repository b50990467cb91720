import type { Transform } from 'node:stream';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import { imagesError } from '../errors.ts';

export type Compression = 'none' | 'gzip' | 'zstd';

/** Bytes that detectCompression() wants to see. */
export const MAGIC_LENGTH = 6;

/** Inflating by chunks of Node's default size, 16 KiB, takes twice the time; 256 KiB are no faster, but cost memory. */
const CHUNK_SIZE = 128 << 10;
/** zstd's own default, 128 MiB of memory; RFC 8878 asks for 8 MiB at least. */
const ZSTD_WINDOW_LOG_MAX = 27;

const MAGICS: readonly (readonly [Compression | 'bzip2' | 'xz', readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
];

/** How a stream is compressed, by its first bytes; what Corten can't inflate is refused by name. */
export function detectCompression(start: Uint8Array, name: string): Compression {
  const found =
    MAGICS.find(([, magic]) => magic.every((byte, index) => start[index] === byte))?.[0] ?? skippable(start);
  if (found === 'bzip2' || found === 'xz') {
    throw imagesError(
      'IMAGE_UNSUPPORTED',
      `${name} is compressed with ${found}: recompress it with gzip or zstd`,
    );
  }
  return found;
}

/** zstd:chunked and pzstd may begin with a skippable frame (RFC 8878 section 3.1.2). */
function skippable(start: Uint8Array): Compression {
  const [low = 0, ...rest] = start;
  return (low & 0xf0) === 0x50 && [0x2a, 0x4d, 0x18].every((byte, index) => rest[index] === byte)
    ? 'zstd'
    : 'none';
}

/** A stream that inflates, or none where nothing is compressed. */
export function createInflate(compression: Compression): Transform | undefined {
  if (compression === 'gzip') return createGunzip({ chunkSize: CHUNK_SIZE });
  if (compression === 'none') return undefined;
  const params = { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX };
  return createZstdDecompress({ chunkSize: CHUNK_SIZE, params });
}
