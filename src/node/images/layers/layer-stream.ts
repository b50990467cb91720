import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { DiffId, Digest } from '../../../pure/base/digest.ts';
import { detectCompression, MAGIC_LENGTH } from '../archive/compression.ts';
import { DigestStream } from '../archive/digest-stream.ts';
import { checkInflated, layerLimits } from '../archive/limits.ts';
import { readInflated } from '../archive/read-inflated.ts';
import { readStart, type SpooledFile } from '../archive/spooled-file.ts';
import { imagesError } from '../errors.ts';

const READ_SIZE = 256 << 10;

export interface LayerStream {
  readonly blob: SpooledFile;
  readonly diffId: DiffId;
}

/**
 * Reads a layer's blob, inflated, to its end and gives the tar's bytes to `consume`. Throws unless they have the
 * DiffID that the configuration promises. Returns the size of the tar.
 */
export async function readLayer(source: LayerStream, consume: (bytes: Uint8Array) => void): Promise<number> {
  const { blob } = source;
  const name = nameOf(source);
  if (isUncompressed(source)) {
    // The blob is the tar itself, whose digest is known: nothing need be summed up again, or read in vain.
    checkDiffId(source, blob.digest);
    await readPlain(blob.path, consume);
    return blob.size;
  }
  const sum = new DigestStream();
  const limits = layerLimits();
  await readInflated(createReadStream(blob.path, { highWaterMark: READ_SIZE }), name, (bytes) => {
    sum.update(bytes);
    checkInflated({ name, inflated: sum.size, taken: blob.size }, limits);
    consume(bytes);
  });
  checkDiffId(source, sum.digest());
  return sum.size;
}

/** As readLayer(), for its checks alone. */
export async function checkLayer(source: LayerStream): Promise<number> {
  if (!isUncompressed(source)) return await readLayer(source, () => undefined);
  checkDiffId(source, source.blob.digest);
  return source.blob.size;
}

/** A stream would make a new buffer for each piece: what is taken in at once needs only one. */
async function readPlain(path: string, consume: (bytes: Uint8Array) => void): Promise<void> {
  await using file = await open(path);
  const buffer = new Uint8Array(READ_SIZE);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length);
    if (bytesRead === 0) return;
    consume(buffer.subarray(0, bytesRead));
  }
}

function isUncompressed(source: LayerStream): boolean {
  return detectCompression(readStart(source.blob, MAGIC_LENGTH), nameOf(source)) === 'none';
}

function checkDiffId(source: LayerStream, digest: Digest): void {
  if (digest === source.diffId) return;
  const text = `${nameOf(source)} has DiffID ${digest}, but its configuration says ${source.diffId}`;
  throw imagesError('ARCHIVE_DIGEST_MISMATCH', text);
}

function nameOf({ blob }: LayerStream): string {
  return `The layer ${blob.digest}`;
}
