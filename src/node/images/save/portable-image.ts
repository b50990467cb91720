import { createReadStream, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest, DiffId } from '../../../pure/base/digest.ts';
import { formatJson } from '../../../pure/base/json.ts';
import {
  MEDIA_TYPE_CONFIG,
  MEDIA_TYPE_LAYER,
  MEDIA_TYPE_MANIFEST,
  type Descriptor,
} from '../../../pure/spec/image.ts';
import { contentsOf } from '../../../pure/store/contents-of.ts';
import { requireImage, type ImageRecord } from '../../../pure/store/find-image.ts';
import { layersOf } from '../../../pure/store/layers-of.ts';
import { blobFile } from '../../../pure/store/layout.ts';
import { DigestStream } from '../archive/digest-stream.ts';
import { inflated } from '../archive/inflated.ts';
import type { Store } from '../disk/open-store.ts';
import { imagesError } from '../errors.ts';
import { parseImageManifest } from '../manifest/media-types.ts';

/** A blob of an image on its way out of the store. */
export interface PortableBlob extends Descriptor {
  /** The bytes, made anew at each call; a blob that isn't what its digest says throws before its last piece. */
  readonly read: () => AsyncIterable<Uint8Array>;
}

export interface PortableLayer extends PortableBlob {
  readonly diffId: DiffId;
}

/** An image as others take it. */
export interface PortableImage {
  readonly record: ImageRecord;
  readonly manifest: PortableBlob;
  readonly config: PortableBlob;
  /** Bottom first. */
  readonly layers: readonly PortableLayer[];
}

const READ_SIZE = 256 << 10;

/** An image of the store with the very blobs that it came with. */
export async function portableImage(store: Store, name: string): Promise<PortableImage> {
  const record = requireImage(store.db, name);
  const contents = contentsOf(store.db, record.id);
  const manifest = contents.get(record.manifestDigest);
  if (manifest === undefined) throw lost(name, record.manifestDigest);
  const path = storedBlob(store, name, manifest);
  const parsed = parseImageManifest({ ...manifest, path });
  const stored = layersOf(store.db, record.id);
  const layers = parsed.layers.map((descriptor, index): PortableLayer => {
    const layer = stored[index];
    if (layer === undefined) throw lost(name, descriptor.digest);
    return { ...toBlob(store, name, descriptor), diffId: layer.diffId };
  });
  return {
    record,
    manifest: toBlob(store, name, manifest),
    config: toBlob(store, name, parsed.config),
    layers,
  };
}

/** The same image with layers that are plain tar, and so with a manifest of its own. */
export function uncompressed(store: Store, { record, config, layers }: PortableImage): PortableImage {
  const sizes = layersOf(store.db, record.id).map(({ size }) => size);
  const plain = layers.map((layer, index): PortableLayer => {
    const { digest, size, diffId } = layer;
    const file = { path: join(store.root, blobFile(digest)), digest, size };
    const read = (): AsyncIterable<Uint8Array> => checked(inflated(file, `The layer ${digest}`), diffId);
    return { mediaType: MEDIA_TYPE_LAYER, digest: diffId, size: sizes[index] ?? 0, diffId, read };
  });
  return { record, config, layers: plain, manifest: manifestOf(config, plain) };
}

/** A new manifest; bytes that are in memory alone. */
function manifestOf(config: Descriptor, layers: readonly Descriptor[]): PortableBlob {
  const text = formatJson({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE_MANIFEST,
    config: descriptorOf({ ...config, mediaType: MEDIA_TYPE_CONFIG }),
    layers: layers.map(descriptorOf),
  });
  return blobOf(new TextEncoder().encode(text), MEDIA_TYPE_MANIFEST);
}

function blobOf(bytes: Uint8Array, mediaType: string): PortableBlob {
  const sum = new DigestStream();
  sum.update(bytes);
  return { mediaType, digest: sum.digest(), size: bytes.length, read: () => once(bytes) };
}

export function descriptorOf({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

function toBlob(store: Store, name: string, { mediaType, digest, size }: Descriptor): PortableBlob {
  const path = storedBlob(store, name, { mediaType, digest, size });
  const read = (): AsyncIterable<Uint8Array> =>
    size <= READ_SIZE
      ? checked(whole(path), digest)
      : checked(createReadStream(path, { highWaterMark: READ_SIZE }), digest);
  return { mediaType, digest, size, read };
}

async function* whole(path: string): AsyncGenerator<Uint8Array> {
  yield await readFile(path);
}

function storedBlob({ root }: Store, name: string, { digest, size }: Descriptor): string {
  const path = join(root, blobFile(digest));
  if (statSync(path, { throwIfNoEntry: false })?.size !== size) throw lost(name, digest);
  return path;
}

/** What leaves the store is what its name promises, whatever the disk did. */
async function* checked(bytes: AsyncIterable<Uint8Array>, digest: Digest): AsyncGenerator<Uint8Array> {
  const sum = new DigestStream();
  let last: Uint8Array | undefined;
  for await (const chunk of bytes) {
    sum.update(chunk);
    if (last !== undefined) yield last;
    last = chunk;
  }
  const found = sum.digest();
  if (found !== digest) {
    const text = `The blob ${digest} of the store is damaged (it has digest ${found}): corten system check --repair removes it`;
    throw imagesError('STORE_BLOB_DAMAGED', text);
  }
  if (last !== undefined) yield last;
}

function lost(image: string, digest: Digest): Error {
  const text = `The store has lost the blob ${digest} of the image ${image}: pull or load it again`;
  return imagesError('STORE_BLOB_MISSING', text);
}
