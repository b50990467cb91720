import { readSync, writeSync } from 'node:fs';
import type { DiffId, Digest } from '../../../pure/base/digest.ts';
import { DigestStream } from '../archive/digest-stream.ts';
import { checkInflated, layerLimits } from '../archive/limits.ts';
import { readInflated } from '../archive/read-inflated.ts';
import type { SpooledFile } from '../archive/spooled-file.ts';
import type { Download } from '../disk/downloads.ts';
import type { LoadSession } from '../disk/load-session.ts';
import { imagesError } from '../errors.ts';
import { GrowingLayer, type LayerImage } from './growing-layer.ts';

export interface ArrivingLayer {
  readonly digest: Digest;
  /** Bytes of the blob. */
  readonly size: number;
  readonly diffId: DiffId;
  /** What has come of the blob before, and gets the rest. */
  readonly download: Pick<Download, 'fd' | 'path' | 'there'>;
  /** The blob from an offset on, piece by piece. */
  readonly bytes: (from: number) => AsyncIterable<Uint8Array>;
}

export interface ReceivedLayer {
  readonly blob: SpooledFile;
  /** Bytes of the uncompressed tar. */
  readonly tarSize: number;
  /** undefined if it wasn't wanted, or can't be made without the layers below. */
  readonly image: LayerImage | undefined;
  /** What can be finished when those are known. */
  readonly waiting: GrowingLayer | undefined;
}

/**
 * Takes a layer while it arrives: its blob goes into a file, and inflated into an EROFS file of its own, in one
 * pass. Digest, size and DiffID are checked; of a layer that fails only the download is left, for its owner to judge.
 */
export async function receiveLayer(
  session: LoadSession,
  layer: ArrivingLayer,
  isImageWanted: boolean,
): Promise<ReceivedLayer> {
  const growing = isImageWanted ? new GrowingLayer(session, nameOf(layer)) : undefined;
  try {
    const tarSize = await receive(layer, (bytes) => growing?.push(bytes));
    const { path } = layer.download;
    session.sealer.begin(path);
    const received = { blob: { path, size: layer.size, digest: layer.digest }, tarSize };
    const state = growing?.end();
    if (state === 'whole') return { ...received, image: growing?.finish(tarSize), waiting: undefined };
    if (state === 'lost') growing?.[Symbol.dispose]();
    return { ...received, image: undefined, waiting: state === 'waiting' ? growing : undefined };
  } catch (error) {
    growing?.[Symbol.dispose]();
    throw error;
  }
}

async function receive(layer: ArrivingLayer, consume: (bytes: Uint8Array) => void): Promise<number> {
  const name = nameOf(layer);
  const [blob, tar] = [new DigestStream(), new DigestStream()];
  const limits = layerLimits();
  const kept = keeping(layer, blob);
  await readInflated(kept, name, (bytes) => {
    tar.update(bytes);
    checkInflated({ name, inflated: tar.size, taken: blob.size }, limits);
    consume(bytes);
  });
  if (blob.size !== layer.size) {
    throw imagesError('ARCHIVE_DIGEST_MISMATCH', `${name} has ${blob.size} bytes and not ${layer.size}`);
  }
  const [digest, diffId] = [blob.digest(), tar.digest()];
  if (digest !== layer.digest) {
    throw imagesError('ARCHIVE_DIGEST_MISMATCH', `${name} has digest ${digest}`);
  }
  if (diffId !== layer.diffId) {
    const text = `${name} has DiffID ${diffId}, but its configuration says ${layer.diffId}`;
    throw imagesError('ARCHIVE_DIGEST_MISMATCH', text);
  }
  return tar.size;
}

const READ_SIZE = 256 << 10;

/** What came before, then the rest, which is written down; sums up what passes. */
async function* keeping({ download, bytes }: ArrivingLayer, sum: DigestStream): AsyncGenerator<Uint8Array> {
  const { fd, there } = download;
  while (sum.size < there) {
    const chunk = new Uint8Array(Math.min(READ_SIZE, there - sum.size));
    const count = readSync(fd, chunk, 0, chunk.length, sum.size);
    if (count === 0) break;
    const piece = chunk.subarray(0, count);
    sum.update(piece);
    yield piece;
  }
  for await (const chunk of bytes(sum.size)) {
    for (let at = 0; at < chunk.length;) {
      at += writeSync(fd, chunk, at, chunk.length - at, sum.size + at);
    }
    sum.update(chunk);
    yield chunk;
  }
}

function nameOf({ digest }: ArrivingLayer): string {
  return `The layer ${digest}`;
}
