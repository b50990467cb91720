import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { Digest } from '../../pure/base/digest.ts';
import { invariant } from '../../pure/base/errors.ts';
import type { RegistryAccess } from '../../pure/config/registry-access.ts';
import type { Descriptor } from '../../pure/spec/image.ts';
import { repositoriesWith } from '../../pure/store/contents-of.ts';
import { requireImage, type ImageRecord } from '../../pure/store/find-image.ts';
import { namesOf } from '../../pure/store/names-of.ts';
import { formatReference, parseReference, type Reference } from '../../pure/store/reference.ts';
import { putManifest } from '../registry/put-manifest.ts';
import { Registry } from '../registry/registry.ts';
import type { RetryPolicy } from '../registry/retry-policy.ts';
import { findBlob, uploadBlob } from '../registry/upload-blob.ts';
import { inSession, type Working } from './disk/in-session.ts';
import { imagesError } from './errors.ts';
import { inParallel } from './pull/in-parallel.ts';
import { compressed } from './records/compressed.ts';
import { dropBlobs } from './records/drop-blobs.ts';
import { manifestOf, portableImage, type PortableBlob, type PortableImage } from './save/portable-image.ts';

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
  /** Whether the store gives the blobs of layers up afterwards. */
  readonly dropsBlobs?: boolean;
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
  /** The manifest's digest in the store. */
  readonly before: Digest;
}

/**
 * Brings an image to a registry, byte for byte as the store has it: blobs first, the manifest last. Layers whose blobs
 * are not kept are compressed anew, unless the registry has them.
 */
export async function pushImage(options: PushOptions): Promise<PushedImage> {
  const reference = parseReference(options.destination);
  if (reference.digest !== undefined) {
    const text = `An image is pushed to a tag, not to a digest as ${options.destination} has it`;
    throw imagesError('PUSH_DESTINATION_INVALID', text);
  }
  using registry = new Registry({ ...options, repository: reference.path });
  return await inSession(options, async (working) => {
    const image = requireImage(working.store.db, options.image);
    const push = { ...working, registry, reference, options };
    const { digest, size } = await pushStored(push, image, reference.tag ?? 'latest');
    if (options.dropsBlobs === true) await dropBlobs(working, image.id);
    return { digest, size, reference: formatReference(reference), before: image.manifestDigest };
  });
}

export interface Push extends Working {
  readonly registry: Registry;
  /** Where to. */
  readonly reference: Reference;
  readonly options: Pick<PushOptions, 'image' | 'parallel' | 'watch'>;
}

/** Brings an image of the store under a name, a tag or its manifest's digest, into a registry. Its manifest. */
export async function pushStored(push: Push, image: ImageRecord, name: string): Promise<Descriptor> {
  const { manifest, blobs } = await toSend(push, portableImage(push.store, image, push.options.image));
  await pushBlobs(push, image, blobs);
  const { digest, mediaType } = manifest;
  const bytes = Buffer.concat(await Array.fromAsync(manifest.read()));
  await putManifest(push.registry.own, { name, mediaType, digest, bytes });
  return manifest;
}

interface Sent {
  readonly manifest: PortableBlob;
  readonly blobs: readonly PortableBlob[];
}

async function toSend(push: Push, image: PortableImage): Promise<Sent> {
  const { manifest, config, layers, original } = image;
  if (original === undefined) return { manifest, blobs: [config, ...layers] };
  const sources = sourcesOf(push, image.record);
  const isThere = (blob: Descriptor): Promise<boolean> => findBlob(push.registry.own, blob.digest, sources);
  const found = await Promise.all(original.absent.map(isThere));
  if (found.every((one) => one)) {
    return {
      manifest: original.manifest,
      blobs: [config, ...layers.filter(({ path }) => path !== undefined)],
    };
  }
  const packed: PortableBlob[] = [];
  for (const layer of layers)
    packed.push(layer.path === undefined ? await compressed(push.session, layer) : layer);
  return { manifest: manifestOf(config, packed), blobs: [config, ...packed] };
}

async function pushBlobs(push: Push, image: ImageRecord, blobs: readonly PortableBlob[]): Promise<void> {
  const { options } = push;
  const unique = [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
  for (const { digest, size } of unique) options.watch({ digest, state: 'waiting', current: 0, total: size });
  await inParallel(options.parallel ?? BLOBS_AT_ONCE, unique, (blob) => pushBlob(push, image, blob));
}

async function pushBlob(push: Push, image: ImageRecord, blob: PortableBlob): Promise<void> {
  const { registry, options } = push;
  const { digest, size } = blob;
  const read = (start: number, end: number): Readable =>
    Readable.from(watched(blob, { start, end }, options), { objectMode: false });
  const sources = sourcesOf(push, image, digest);
  const result = await uploadBlob(registry.own, { digest, size, sources, read });
  options.watch({ digest, state: result === 'uploaded' ? 'done' : result, current: size, total: size });
}

/** Repositories of the same registry that the image itself is in, or another image with the blob. */
function sourcesOf({ store, reference }: Push, image: ImageRecord, digest?: Digest): readonly string[] {
  const own = namesOf(store.db, image.id).map(parseReference);
  const paths = own.filter(({ domain }) => domain === reference.domain).map(({ path }) => path);
  const others = digest === undefined ? [] : repositoriesWith(store.db, digest, reference.domain);
  return [...new Set([...paths, ...others])].filter((path) => path !== reference.path).slice(0, MAX_SOURCES);
}

interface Part {
  readonly start: number;
  readonly end: number;
}

async function* watched(
  { path, digest, size }: PortableBlob,
  { start, end }: Part,
  { watch }: Push['options'],
): AsyncGenerator<Uint8Array> {
  invariant(path !== undefined, 'what is sent has a file');
  let current = start;
  for await (const chunk of createReadStream(path, { start, end: end - 1, highWaterMark: READ_SIZE })) {
    yield chunk as Uint8Array;
    current += (chunk as Uint8Array).length;
    watch({ digest, state: 'uploading', current, total: size });
  }
}
