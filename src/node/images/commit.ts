import { join } from 'node:path';
import { chainIds, type Digest, type DiffId } from '../../pure/base/digest.ts';
import { invariant } from '../../pure/base/errors.ts';
import { formatJson, parseJson, type JsonObject } from '../../pure/base/json.ts';
import type { CommitRequest } from '../../pure/config/commit-request.ts';
import {
  MEDIA_TYPE_CONFIG,
  MEDIA_TYPE_LAYER,
  MEDIA_TYPE_MANIFEST,
  type Descriptor,
} from '../../pure/spec/image.ts';
import { changeConfig, type ProcessConfig } from '../../pure/store/change-config.ts';
import { contentsOf } from '../../pure/store/contents-of.ts';
import { requireImage, type ImageRecord } from '../../pure/store/find-image.ts';
import { parseImageConfig } from '../../pure/store/image-config.ts';
import { blobFile } from '../../pure/store/layout.ts';
import { findLayer, layersOf, type LayerRecord } from '../../pure/store/layers-of.ts';
import { formatReference, parseReference } from '../../pure/store/reference.ts';
import { digestOfText } from './archive/digest-stream.ts';
import { spoolText } from './archive/spool-text.ts';
import { spoolStream } from './archive/spool-stream.ts';
import { readDocument, type SpooledFile } from './archive/spooled-file.ts';
import { inSession, type Working } from './disk/in-session.ts';
import { storeCommit } from './disk/store-commit.ts';
import type { Commit, StagedBlob } from './disk/commit-images.ts';
import { imagesError } from './errors.ts';
import { LayerBuilder, type BuiltLayer } from './layers/layer-builder.ts';
import { parseImageManifest } from './manifest/media-types.ts';

export interface CommitOptions extends CommitRequest {
  /** The store's root, absolute. */
  readonly root: string;
  /** The layer's tar. */
  readonly input: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}

/** An image of the store that is to get one more layer. */
interface Base {
  readonly record: ImageRecord;
  /** The configuration with all its fields. */
  readonly document: JsonObject;
  readonly layers: readonly LayerRecord[];
  /** The layers as the base's manifest has them. */
  readonly descriptors: readonly Descriptor[];
  /** Blobs that the store has of it. */
  readonly contents: readonly Digest[];
}

/** Makes an image of a container's: that of its image, and a layer of what it changed. Returns its ID. */
export async function commitContainer(options: CommitOptions): Promise<Digest> {
  const config = changeConfig(options.config, options.changes);
  const references = options.reference === undefined ? [] : [nameOf(options.reference)];
  return await inSession(options, async (working) => {
    const base = readBase(working, options.image);
    const blob = await spoolStream(working.session, options.input);
    const diffId = blob.digest as Digest as DiffId;
    const layer = { mediaType: MEDIA_TYPE_LAYER, digest: blob.digest, size: blob.size };
    const built = await buildOn(working, base, { blob, diffId });
    const configFile = spoolText(working.session, configText(base, { options, config, diffId }));
    const manifest = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPE_MANIFEST,
      config: { mediaType: MEDIA_TYPE_CONFIG, digest: configFile.digest, size: configFile.size },
      layers: [...base.descriptors, layer],
    };
    const manifestFile = spoolText(working.session, formatJson(manifest));
    const blobs: readonly StagedBlob[] = [
      { ...blob, mediaType: MEDIA_TYPE_LAYER },
      { ...configFile, mediaType: MEDIA_TYPE_CONFIG },
      { ...manifestFile, mediaType: MEDIA_TYPE_MANIFEST },
    ];
    await storeCommit(working, commitOf({ base, built, blobs, references }));
    return configFile.digest;
  });
}

function nameOf(text: string): string {
  const reference = parseReference(text);
  if (reference.digest === undefined) return formatReference(reference);
  throw imagesError(
    'PUSH_DESTINATION_INVALID',
    `A container is committed as a tag, not as a digest as ${text} has it`,
  );
}

function readBase({ store }: Working, image: string): Base {
  const record = requireImage(store.db, image);
  const layers = layersOf(store.db, record.id);
  const contents = contentsOf(store.db, record.id);
  const manifest = contents.get(record.manifestDigest);
  const isManifest = manifest !== undefined && record.manifestDigest !== record.id;
  const descriptors = isManifest
    ? parseImageManifest({ ...manifest, path: join(store.root, blobFile(manifest.digest)) }).layers
    : // Without its manifest the layers are known as they are when uncompressed.
      layers.map(({ diffId, size }) => ({ mediaType: MEDIA_TYPE_LAYER, digest: diffId, size }));
  const own = new Set([record.id, record.manifestDigest]);
  return {
    record,
    document: parseJson(record.config) as JsonObject,
    layers,
    descriptors,
    contents: [...contents.keys()].filter((digest) => !own.has(digest)),
  };
}

/** The EROFS file of the layer on top of the base's. */
async function buildOn(
  { store, session }: Working,
  { layers }: Base,
  { blob, diffId }: { readonly blob: SpooledFile; readonly diffId: DiffId },
): Promise<BuiltLayer> {
  const lowers = layers.map((layer): BuiltLayer => {
    const stored = findLayer(store.db, layer.file);
    if (stored === undefined) {
      throw imagesError(
        'STORE_CHANGED',
        `The store has lost the layer ${layer.file}: pull or load its image again`,
      );
    }
    return { ...stored, path: undefined, diffId: layer.diffId, chainId: layer.chainId, tarSize: layer.size };
  });
  const chainId = chainIds([...layers.map((layer) => layer.diffId), diffId], digestOfText).at(-1);
  invariant(chainId !== undefined, 'a chain of layers has no end');
  return await new LayerBuilder(store, session).build({ blob, diffId, chainId }, lowers);
}

interface NewConfig {
  readonly options: CommitOptions;
  readonly config: ProcessConfig;
  readonly diffId: DiffId;
}

function configText({ document, layers }: Base, { options, config, diffId }: NewConfig): string {
  const created = new Date().toISOString();
  const { history } = document;
  const { author, message, changes, container } = options;
  const entry = {
    created,
    ...(author === undefined ? {} : { author }),
    created_by: changes.length === 0 ? `corten commit ${container}` : changes.join('; '),
    ...(message === undefined ? {} : { comment: message }),
  };
  return formatJson({
    ...document,
    created,
    ...(author === undefined ? {} : { author }),
    config: { ...(document['config'] as JsonObject | undefined), ...config },
    rootfs: { type: 'layers', diff_ids: [...layers.map((layer) => layer.diffId), diffId] },
    history: [...(Array.isArray(history) ? history : []), entry],
  });
}

interface Committing {
  readonly base: Base;
  readonly built: BuiltLayer;
  /** Layer, configuration and manifest. */
  readonly blobs: readonly StagedBlob[];
  readonly references: readonly string[];
}

function commitOf({ base, built, blobs, references }: Committing): Commit {
  const [, config, manifest] = blobs;
  invariant(config !== undefined && manifest !== undefined, 'an image has no configuration or manifest');
  const text = readDocument(config, 'The new configuration');
  return {
    images: [
      {
        manifestDigest: manifest.digest,
        configDigest: config.digest,
        config: text,
        created: parseImageConfig(text).created,
        layers: [...base.layers, { ...built, size: built.tarSize }],
        contents: [...base.contents, ...blobs.map(({ digest }) => digest)],
        references,
      },
    ],
    blobs,
    layers: [built],
  };
}
