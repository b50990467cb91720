import type { Digest } from '../../pure/base/digest.ts';
import { invariant } from '../../pure/base/errors.ts';
import type { RegistryAccess } from '../../pure/config/registry-access.ts';
import type { SignatureWish } from '../../pure/config/signature-wish.ts';
import { findImage } from '../../pure/store/find-image.ts';
import { formatReference, parseReference, type Reference } from '../../pure/store/reference.ts';
import type { ManifestName } from '../registry/get-manifest.ts';
import { Registry } from '../registry/registry.ts';
import type { RetryPolicy } from '../registry/retry-policy.ts';
import { spoolBytes } from './archive/spool-text.ts';
import { inSession, storeImages, type Working } from './disk/in-session.ts';
import { imagesError } from './errors.ts';
import { buildLayers, readConfig, type ReadImage } from './layers/build-images.ts';
import { LayerBuilder } from './layers/layer-builder.ts';
import {
  hostPlatform,
  parsePlatform,
  runsOn,
  platformText,
  type WantedPlatform,
} from './manifest/choose-platform.ts';
import { parseImageManifest } from './manifest/media-types.ts';
import { fetchConfig } from './pull/fetch-config.ts';
import { fetchLayers } from './pull/fetch-layers.ts';
import type { WatchLayer } from './layer-progress.ts';
import { resolveManifest } from './pull/resolve-image.ts';
import { dropBlobs } from './records/drop-blobs.ts';
import { checkSignatures } from './signatures/check-signatures.ts';

const LAYERS_AT_ONCE = 3;

export interface PullOptions {
  /** The store's root, absolute; made if missing. */
  readonly root: string;
  readonly reference: string;
  readonly access: RegistryAccess;
  /** As `linux/arm64`; this machine's unless given. */
  readonly platform: string | undefined;
  /** Whether the blobs of layers stay in the store; they do unless given. */
  readonly keepsBlobs?: boolean;
  /** What has to have signed the image. */
  readonly signatures?: readonly SignatureWish[];
  /** Layers that come at the same time; as many as Docker and containerd take unless given. */
  readonly parallel?: number;
  readonly signal: AbortSignal;
  readonly watch: WatchLayer;
  readonly retry?: RetryPolicy;
}

export interface PulledImage {
  /** The digest of the configuration. */
  readonly id: Digest;
  /** What the registry calls the name's content: a manifest or an index. */
  readonly digest: Digest;
  /** The full name. */
  readonly reference: string;
  /** Whether the name means another image than before. */
  readonly isNew: boolean;
}

/**
 * Brings an image from a registry into the store. Digests, sizes and DiffIDs are checked while the bytes come, and
 * nothing shows until all of it is there; what fails leaves no file and no row.
 */
export async function pullImage(options: PullOptions): Promise<PulledImage> {
  const { root, signal } = options;
  const reference = parseReference(options.reference);
  const registry = new Registry({ ...options, repository: reference.path });
  using _connections = registry;
  return await inSession({ root, signal }, (working) =>
    pullInto({ ...working, registry, reference, options }),
  );
}

interface Pull extends Working {
  readonly registry: Registry;
  readonly reference: Reference;
  readonly options: PullOptions;
}

async function pullInto(pull: Pull): Promise<PulledImage> {
  const { store, session, registry, reference, options } = pull;
  const host = hostPlatform(process.arch);
  const platform = options.platform === undefined ? host : parsePlatform(options.platform, host);
  const name = nameOf(reference);
  const { manifest, top } = await resolveManifest(registry, session, { name, platform });
  const digests = [top, manifest.file.digest];
  const signed = { reference, name: options.reference, digests };
  // Before anything of the image is read.
  await checkSignatures(registry, signed, options.signatures ?? []);
  const parsed = parseImageManifest(manifest.file);
  const bytes = await fetchConfig(registry, parsed.config);
  const config = { file: spoolBytes(session, bytes), mediaType: parsed.config.mediaType };
  const unread = { manifest, config, references: [formatReference(storedName(reference))] as const };
  const read = readConfig({ ...unread, layers: parsed.layers });
  if (options.platform !== undefined) requireRightConfig(pull, read, platform);
  const builder = new LayerBuilder(store, session);
  const wanted = parsed.layers.map((descriptor, index) => {
    const diffId = read.config.diffIds[index];
    invariant(diffId !== undefined, 'readConfig() counts the layers');
    return { descriptor, diffId };
  });
  const fetching = {
    registry,
    store,
    session,
    builder,
    watch: options.watch,
    parallel: options.parallel ?? LAYERS_AT_ONCE,
    signal: options.signal,
    keepsBlobs: options.keepsBlobs ?? true,
  };
  const source = { ...unread, layers: await fetchLayers(fetching, wanted) };
  const image = { source, ...read, layers: await buildLayers(builder, { source, ...read }) };
  const [full] = unread.references;
  const before = findImage(store.db, full)?.id;
  await storeImages(pull, [image]);
  if (options.keepsBlobs === false) await dropBlobs(pull, config.file.digest);
  return { id: config.file.digest, digest: top, reference: full, isNew: before !== config.file.digest };
}

function nameOf({ tag, digest }: Reference): ManifestName {
  return digest === undefined ? { tag: tag ?? 'latest' } : { digest };
}

/** With a digest the tag says nothing. */
function storedName(reference: Reference): Reference {
  return reference.digest === undefined ? reference : { ...reference, tag: undefined };
}

/** A name may lead to a single manifest, which says nothing of platforms. */
function requireRightConfig({ options }: Pull, { config }: ReadImage, wanted: WantedPlatform): void {
  if (runsOn(config, { ...wanted, osVersion: undefined })) return;
  const text = `The image ${options.reference} is for ${platformText(config)}, not for ${platformText(wanted)}`;
  throw imagesError('IMAGE_UNSUPPORTED', text);
}
