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
import type { ImageRecord } from '../../../pure/store/find-image.ts';
import { findRecord } from '../../../pure/store/layer-records.ts';
import { layersOf, type LayerRecord } from '../../../pure/store/layers-of.ts';
import { blobFile } from '../../../pure/store/layout.ts';
import { DigestStream } from '../archive/digest-stream.ts';
import { inflated } from '../archive/inflated.ts';
import type { Store } from '../disk/open-store.ts';
import { imagesError } from '../errors.ts';
import { parseImageManifest } from '../manifest/media-types.ts';
import { rebuildTar } from '../records/rebuild-tar.ts';

/** A blob of an image on its way out of the store. */
export interface PortableBlob extends Descriptor {
  /** The bytes, made anew at each call; a blob that isn't what its digest says throws before its last piece. */
  readonly read: () => AsyncIterable<Uint8Array>;
  /** The file that has them, if one has. */
  readonly path?: string;
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
  /** What the image came with, where the store doesn't keep all of it. */
  readonly original?: { readonly manifest: PortableBlob; readonly absent: readonly Descriptor[] };
}

const READ_SIZE = 256 << 10;

/**
 * An image of the store with the very blobs that it came with. A layer whose blob isn't kept is plain tar again, made
 * from its EROFS file and its record, and the manifest another.
 */
export function portableImage(store: Store, record: ImageRecord, name: string): PortableImage {
  const contents = contentsOf(store.db, record.id);
  const stored = contents.get(record.manifestDigest);
  if (stored === undefined) throw lost(name, record.manifestDigest);
  const path = storedBlob(store, name, stored);
  const parsed = parseImageManifest({ ...stored, path });
  const rows = layersOf(store.db, record.id);
  const absent: Descriptor[] = [];
  const layers = parsed.layers.map((descriptor, index): PortableLayer => {
    const row = rows[index];
    if (row === undefined) throw lost(name, descriptor.digest);
    if (isStored(store, descriptor)) return { ...toBlob(store, name, descriptor), diffId: row.diffId };
    absent.push(descriptor);
    return rebuilt(store, name, row);
  });
  const manifest = toBlob(store, name, stored);
  const config = toBlob(store, name, parsed.config);
  if (absent.length === 0) return { record, manifest, config, layers };
  return { record, manifest: manifestOf(config, layers), config, layers, original: { manifest, absent } };
}

function rebuilt(store: Store, name: string, row: LayerRecord): PortableLayer {
  const { diffId, size, file } = row;
  const record = findRecord(store.db, file);
  if (record === undefined) throw lost(name, diffId);
  const files = { record: join(store.root, record.file), layer: join(store.root, file) };
  const read = (): AsyncIterable<Uint8Array> => checked(rebuildTar(files), diffId);
  return { mediaType: MEDIA_TYPE_LAYER, digest: diffId, size, diffId, read };
}

/** The same image with layers that are plain tar, and so with a manifest of its own. */
export function uncompressed(store: Store, { record, config, layers }: PortableImage): PortableImage {
  const sizes = layersOf(store.db, record.id).map(({ size }) => size);
  const plain = layers.map((layer, index): PortableLayer => {
    const { digest, size, diffId } = layer;
    if (layer.path === undefined) return layer;
    const file = { path: join(store.root, blobFile(digest)), digest, size };
    const read = (): AsyncIterable<Uint8Array> => checked(inflated(file, `The layer ${digest}`), diffId);
    return { mediaType: MEDIA_TYPE_LAYER, digest: diffId, size: sizes[index] ?? 0, diffId, read };
  });
  return { record, config, layers: plain, manifest: manifestOf(config, plain) };
}

/** A new manifest; bytes that are in memory alone. */
export function manifestOf(config: Descriptor, layers: readonly Descriptor[]): PortableBlob {
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
  return { mediaType, digest, size, read, path };
}

async function* whole(path: string): AsyncGenerator<Uint8Array> {
  yield await readFile(path);
}

function storedBlob(store: Store, name: string, descriptor: Descriptor): string {
  if (!isStored(store, descriptor)) throw lost(name, descriptor.digest);
  return join(store.root, blobFile(descriptor.digest));
}

function isStored({ root }: Store, { digest, size }: Descriptor): boolean {
  return statSync(join(root, blobFile(digest)), { throwIfNoEntry: false })?.size === size;
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
