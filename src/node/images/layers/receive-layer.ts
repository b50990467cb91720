import { closeSync, ftruncateSync, readSync, rmSync, writeSync } from 'node:fs';
import { LayerConverter } from '../../../pure/archive/layer-converter.ts';
import type { DiffId, Digest } from '../../../pure/base/digest.ts';
import { isCortenError } from '../../../pure/base/errors.ts';
import { DigestStream } from '../archive/digest-stream.ts';
import { checkInflated, layerLimits } from '../archive/limits.ts';
import { readInflated } from '../archive/read-inflated.ts';
import type { SpooledFile } from '../archive/spooled-file.ts';
import { aboutStream } from '../archive/tar-fault.ts';
import type { Download } from '../disk/downloads.ts';
import type { LoadSession, OpenedFile } from '../disk/load-session.ts';
import { imagesError } from '../errors.ts';
import type { LayerImage } from './convert-layer.ts';
import { DescriptorFile } from './descriptor-file.ts';

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
  const blob = layer.download;
  const image = isImageWanted ? session.createFile() : undefined;
  try {
    const converter = image === undefined ? undefined : new PatientConverter(image, nameOf(layer));
    const tarSize = await receive(layer, (bytes) => converter?.push(bytes));
    const made = converter?.finish(tarSize);
    if (made === undefined && image !== undefined) rmSync(image.path);
    const file = { path: blob.path, size: layer.size, digest: layer.digest };
    session.sealer.begin(blob.path);
    if (made !== undefined) session.sealer.begin(made.path);
    return { blob: file, tarSize, image: made };
  } catch (error) {
    if (image !== undefined) rmSync(image.path, { force: true });
    throw error;
  } finally {
    if (image !== undefined) closeSync(image.fd);
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

/** Converts a layer as far as it can be without those below it. */
class PatientConverter {
  readonly #file: OpenedFile;
  readonly #image: DescriptorFile;
  readonly #name: string;
  readonly #converter: LayerConverter;
  #needsLowers = false;

  constructor(file: OpenedFile, name: string) {
    this.#file = file;
    this.#image = new DescriptorFile(file.fd);
    this.#name = name;
    this.#converter = new LayerConverter(this.#image, { limits: { entries: layerLimits().entries } });
  }

  push(bytes: Uint8Array): void {
    this.#try(() => this.#converter.push(bytes));
  }

  /** undefined if the layers below are needed. */
  finish(tarSize: number): LayerImage | undefined {
    const made = this.#try(() => this.#converter.finish());
    if (made === undefined) return undefined;
    // The writer may leave zeros at the end out.
    ftruncateSync(this.#file.fd, made.size);
    const digest = this.#image.digest(made.size);
    return { path: this.#file.path, size: made.size, digest, tarSize, standsAlone: true };
  }

  #try<T>(work: () => T): T | undefined {
    if (this.#needsLowers) return undefined;
    try {
      return aboutStream(this.#name, work);
    } catch (error) {
      if (!isCortenError(error) || error.code !== 'ARCHIVE_NEEDS_LOWERS') throw error;
      this.#needsLowers = true;
      return undefined;
    }
  }
}

function nameOf({ digest }: ArrivingLayer): string {
  return `The layer ${digest}`;
}
