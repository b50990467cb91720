import { Readable } from 'node:stream';
import type { Digest } from '../../pure/base/digest.ts';
import type { RegistryAccess } from '../../pure/config/registry-access.ts';
import type { Descriptor } from '../../pure/spec/image.ts';
import { requireImage } from '../../pure/store/find-image.ts';
import type { ListedImage } from '../../pure/store/manifest-lists.ts';
import { formatReference, parseReference, type Reference } from '../../pure/store/reference.ts';
import { putManifest } from '../registry/put-manifest.ts';
import { Registry } from '../registry/registry.ts';
import { uploadBlob } from '../registry/upload-blob.ts';
import { digestOfText } from './archive/digest-stream.ts';
import { inSession } from './disk/in-session.ts';
import { imagesError } from './errors.ts';
import { parseManifestText } from './manifest/parse-manifest.ts';
import { pushStored, type BlobProgress, type PushedImage } from './push.ts';
import { inParallel } from './pull/in-parallel.ts';

export interface PushListOptions {
  /** The store's root, absolute. */
  readonly root: string;
  readonly destination: string;
  readonly access: RegistryAccess;
  readonly mediaType: string;
  /** The list, as the registry gets it. */
  readonly text: string;
  readonly images: readonly { readonly image: ListedImage; readonly access?: RegistryAccess }[];
  readonly parallel: number;
  readonly signal: AbortSignal;
  readonly watch: (progress: BlobProgress) => void;
}

/** Brings a list to a registry: what it lists first, from the store or from other registries, itself last. */
export async function pushList(options: PushListOptions): Promise<PushedImage> {
  const { destination, mediaType, text } = options;
  const reference = parseReference(destination);
  if (reference.digest !== undefined) {
    throw imagesError(
      'PUSH_DESTINATION_INVALID',
      `A list is pushed to a tag, not to a digest as ${destination} has it`,
    );
  }
  using registry = new Registry({ ...options, repository: reference.path });
  for (const { image, access } of options.images) {
    const { source, digest } = image;
    if ('image' in source) await pushFromStore({ options, registry, reference }, source.image, digest);
    else if (access !== undefined) {
      await copyManifest(
        { options, registry, reference },
        { image, access, from: parseReference(source.reference) },
      );
    }
  }
  const bytes = new TextEncoder().encode(text);
  const digest = digestOfText(text);
  await putManifest(registry.own, { name: reference.tag ?? 'latest', mediaType, digest, bytes });
  return { digest, size: bytes.length, reference: formatReference(reference), before: digest };
}

interface Target {
  readonly options: PushListOptions;
  readonly registry: Registry;
  readonly reference: Reference;
}

async function pushFromStore(
  { options, registry, reference }: Target,
  id: Digest,
  digest: Digest,
): Promise<void> {
  await inSession(options, async (working) => {
    const image = requireImage(working.store.db, id);
    if (image.manifestDigest !== digest) {
      const text = `The image ${id} has another manifest by now than ${digest}, which the list has: add it again`;
      throw imagesError('STORE_BLOB_MISSING', text);
    }
    const push = { ...working, registry, reference, options: { ...options, image: id } };
    const pushed = await pushStored(push, image, digest);
    if (pushed.digest === digest) return;
    const text = `The blobs of the image ${id} are not kept, and compressed anew it has another digest than the list says: pull it again with keep_blobs = "yes"`;
    throw imagesError('STORE_BLOB_MISSING', text);
  });
}

interface Copied {
  readonly image: ListedImage;
  readonly access: RegistryAccess;
  readonly from: Reference;
}

/** Copies an image between repositories, through this process where the registry can't mount its blobs. */
async function copyManifest(
  { options, registry, reference }: Target,
  { image, access, from }: Copied,
): Promise<void> {
  const isSame = from.domain === reference.domain && from.path === reference.path;
  if (isSame) return;
  using source = new Registry({ access, repository: from.path, signal: options.signal });
  const { bytes, digest } = await source.getManifest({ digest: image.digest });
  const parsed = parseManifestText(new TextDecoder().decode(bytes), `The manifest ${digest}`);
  const blobs = new Map([parsed.config, ...parsed.layers].map((blob) => [blob.digest, blob]));
  const sources = from.domain === reference.domain ? [from.path] : [];
  await inParallel(options.parallel, [...blobs.values()], async (blob) => {
    const { size } = blob;
    const read = (start: number, end: number): Readable =>
      Readable.from(between({ source, blob, options }, start, end), { objectMode: false });
    const result = await uploadBlob(registry.own, { digest: blob.digest, size, sources, read });
    const state = result === 'uploaded' ? 'done' : result;
    options.watch({ digest: blob.digest, state, current: size, total: size });
  });
  await putManifest(registry.own, { name: digest, mediaType: image.mediaType, digest, bytes });
}

interface Reading {
  readonly source: Registry;
  readonly blob: Descriptor;
  readonly options: PushListOptions;
}

async function* between(
  { source, blob, options }: Reading,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  const { digest, size } = blob;
  let at = start;
  for await (const chunk of source.readBlob({ digest, size, from: start })) {
    const taken = chunk.subarray(0, end - at);
    at += taken.length;
    yield taken;
    options.watch({ digest, state: 'uploading', current: at, total: size });
    if (at === end) return;
  }
}
