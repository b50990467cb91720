import { createReadStream, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Digest } from '../../pure/base/digest.ts';
import type { RegistryAccess } from '../../pure/config/registry-access.ts';
import { contentsOf, repositoriesWith } from '../../pure/store/contents-of.ts';
import { requireImage, type ImageRecord } from '../../pure/store/find-image.ts';
import { blobFile } from '../../pure/store/layout.ts';
import type { StoredBlob } from '../../pure/store/put-image.ts';
import { formatReference, parseReference, type Reference } from '../../pure/store/reference.ts';
import { putManifest } from '../registry/put-manifest.ts';
import { Registry } from '../registry/registry.ts';
import type { RetryPolicy } from '../registry/retry-policy.ts';
import { uploadBlob } from '../registry/upload-blob.ts';
import { openStore, type Store } from './disk/open-store.ts';
import { imagesError } from './errors.ts';
import { inParallel } from './pull/in-parallel.ts';

const BLOBS_AT_ONCE = 5;
const READ_SIZE = 256 << 10;
/** Repositories that are tried as a source. */
const MAX_SOURCES = 3;

export interface BlobProgress {
  readonly digest: Digest;
  readonly state: 'waiting' | 'uploading' | 'present' | 'mounted' | 'done';
  readonly current: number;
  readonly total: number;
}

export interface PushOptions {
  readonly root: string;
  /** An image of the store: a name or an ID. */
  readonly image: string;
  /** The name that it gets. */
  readonly destination: string;
  readonly access: RegistryAccess;
  /** Blobs that go at the same time; as many as Docker sends unless given. */
  readonly parallel?: number;
  readonly signal: AbortSignal;
  readonly watch: (progress: BlobProgress) => void;
  readonly retry?: RetryPolicy;
}

export interface PushedImage {
  /** Of the manifest. */
  readonly digest: Digest;
  /** Bytes of the manifest. */
  readonly size: number;
  /** The full name. */
  readonly reference: string;
}

/** Brings an image to a registry, byte for byte as the store has it: blobs first, the manifest last. */
export async function pushImage(options: PushOptions): Promise<PushedImage> {
  const reference = parseReference(options.destination);
  if (reference.digest !== undefined) {
    const text = `An image is pushed to a tag, not to a digest as ${options.destination} has it`;
    throw imagesError('PUSH_DESTINATION_INVALID', text);
  }
  using store = openStore(options.root);
  using registry = new Registry({ ...options, repository: reference.path });
  const image = requireImage(store.db, options.image);
  const push = { store, registry, reference, options };
  const { digest, size } = await pushStored(push, image, reference.tag ?? 'latest');
  return { digest, size, reference: formatReference(reference) };
}

export interface Push {
  readonly store: Store;
  readonly registry: Registry;
  /** Where to. */
  readonly reference: Reference;
  readonly options: Pick<PushOptions, 'image' | 'parallel' | 'watch'>;
}

/** Brings an image of the store under a name, a tag or its manifest's digest, into a registry. Its manifest. */
export async function pushStored(push: Push, image: ImageRecord, name: string): Promise<StoredBlob> {
  const { store, registry, options } = push;
  const contents = contentsOf(store.db, image.id);
  const manifest = contents.get(image.manifestDigest);
  if (manifest === undefined || !isThere(store, manifest))
    throw incomplete(options.image, image.manifestDigest);
  await pushBlobs(
    push,
    [...contents.values()].filter((blob) => blob !== manifest),
  );
  const { digest, mediaType } = manifest;
  const bytes = readFileSync(join(store.root, blobFile(digest)));
  await putManifest(registry.own, { name, mediaType, digest, bytes });
  return manifest;
}

async function pushBlobs(push: Push, blobs: readonly StoredBlob[]): Promise<void> {
  const { store, options } = push;
  const missing = blobs.find((blob) => !isThere(store, blob));
  if (missing !== undefined) throw incomplete(options.image, missing.digest);
  for (const { digest, size } of blobs) options.watch({ digest, state: 'waiting', current: 0, total: size });
  await inParallel(options.parallel ?? BLOBS_AT_ONCE, blobs, (blob) => pushBlob(push, blob));
}

async function pushBlob({ store, registry, reference, options }: Push, blob: StoredBlob): Promise<void> {
  const { digest, size } = blob;
  const sources = repositoriesWith(store.db, digest, reference.domain)
    .filter((path) => path !== reference.path)
    .slice(0, MAX_SOURCES);
  const path = join(store.root, blobFile(digest));
  const read = (start: number, end: number): Readable =>
    Readable.from(watched({ path, start, end }, blob, options), { objectMode: false });
  const result = await uploadBlob(registry.own, { digest, size, sources, read });
  options.watch({ digest, state: result === 'uploaded' ? 'done' : result, current: size, total: size });
}

interface Part {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

async function* watched(
  { path, start, end }: Part,
  { digest, size }: StoredBlob,
  { watch }: Push['options'],
): AsyncGenerator<Uint8Array> {
  let current = start;
  for await (const chunk of createReadStream(path, { start, end: end - 1, highWaterMark: READ_SIZE })) {
    yield chunk as Uint8Array;
    current += (chunk as Uint8Array).length;
    watch({ digest, state: 'uploading', current, total: size });
  }
}

function isThere({ root }: Store, { digest, size }: StoredBlob): boolean {
  return statSync(join(root, blobFile(digest)), { throwIfNoEntry: false })?.size === size;
}

function incomplete(image: string, digest: Digest): Error {
  const text = `The store has lost the blob ${digest} of the image ${image}: pull or load it again`;
  return imagesError('STORE_BLOB_MISSING', text);
}
