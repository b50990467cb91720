import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import type { Digest } from '../../../pure/base/digest.ts';
import { imagesError } from '../errors.ts';

/** A file of the archive (or one that was made for it), whole in the loader's own folder. */
export interface SpooledFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly digest: Digest;
}

/** The path of a layer's blob that nobody needs, since the layer is there. */
export const ABSENT = '';

/** Documents that are read into memory: distribution registries take no larger manifest either. */
const MAX_DOCUMENT = 4 << 20;

/** A document's text; `name` is what it is called in errors. */
export function readDocument(file: SpooledFile, name: string): string {
  if (file.size > MAX_DOCUMENT) {
    throw imagesError(
      'ARCHIVE_TOO_LARGE',
      `${name} has ${file.size} bytes, more than the ${MAX_DOCUMENT} allowed`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file.path));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw imagesError('ARCHIVE_INVALID', `${name} is not UTF-8`, { cause: error });
  }
}

/** The first bytes of a file, at most `length`. */
export function readStart(file: SpooledFile, length: number): Uint8Array {
  const fd = openSync(file.path, constants.O_RDONLY);
  try {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, 0));
  } finally {
    closeSync(fd);
  }
}
