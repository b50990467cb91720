import { closeSync, writeSync } from 'node:fs';
import type { Digest, DiffId } from '../../pure/base/digest.ts';
import { formatJson } from '../../pure/base/json.ts';
import {
  MEDIA_TYPE_CONFIG,
  MEDIA_TYPE_LAYER,
  MEDIA_TYPE_LAYER_GZIP,
  MEDIA_TYPE_LAYER_ZSTD,
  MEDIA_TYPE_MANIFEST,
} from '../../pure/spec/image.ts';
import { changeConfig } from '../../pure/store/change-config.ts';
import { formatReference, parseReference } from '../../pure/store/reference.ts';
import { detectCompression, MAGIC_LENGTH, type Compression } from './archive/compression.ts';
import { DigestStream } from './archive/digest-stream.ts';
import { checkInflated, layerLimits } from './archive/limits.ts';
import { readInflated } from './archive/read-inflated.ts';
import { spoolText } from './archive/spool-text.ts';
import { readStart, type SpooledFile } from './archive/spooled-file.ts';
import { inSession, storeImages, type Working } from './disk/in-session.ts';
import { imagesError } from './errors.ts';
import { buildLayers, readConfig } from './layers/build-images.ts';
import { LayerBuilder } from './layers/layer-builder.ts';
import type { ArchiveImage, TypedFile } from './manifest/archive-image.ts';
import { hostPlatform, parsePlatform } from './manifest/choose-platform.ts';
import { dropBlobs } from './records/drop-blobs.ts';

export interface ImportOptions {
  /** The store's root, absolute. */
  readonly root: string;
  /** The tar of a root file system, plain or compressed with gzip or zstd. */
  readonly input: AsyncIterable<Uint8Array>;
  /** What it is called in errors. */
  readonly source: string;
  readonly reference: string | undefined;
  /** Instructions of a Dockerfile. */
  readonly changes: readonly string[];
  readonly message: string | undefined;
  readonly platform: string | undefined;
  /** Whether the blob of the layer stays in the store. */
  readonly keepsBlobs: boolean;
  readonly signal: AbortSignal;
}

const LAYER_TYPES: Readonly<Record<Compression, string>> = {
  none: MEDIA_TYPE_LAYER,
  gzip: MEDIA_TYPE_LAYER_GZIP,
  zstd: MEDIA_TYPE_LAYER_ZSTD,
};

/** Makes an image of one layer from the tar of a root file system. Returns its ID. */
export async function importImage(options: ImportOptions): Promise<Digest> {
  // What is wrong with the words shows before the tar is read.
  const config = changeConfig({}, options.changes);
  const references = options.reference === undefined ? [] : [nameOf(options.reference)];
  const host = hostPlatform(process.arch);
  const platform = options.platform === undefined ? host : parsePlatform(options.platform, host);
  if (platform.os !== 'linux') {
    throw imagesError(
      'IMAGE_UNSUPPORTED',
      `An image for ${platform.os} can't be imported: containers here run Linux`,
    );
  }
  return await inSession(options, async (working) => {
    const { blob, diffId } = await spoolLayer(working, options);
    const text = formatJson({
      created: new Date().toISOString(),
      architecture: platform.architecture,
      os: platform.os,
      ...(platform.variant === undefined ? {} : { variant: platform.variant }),
      config,
      rootfs: { type: 'layers', diff_ids: [diffId] },
      history: [historyEntry(options)],
    });
    const source = toImage(working, { text, blob, references });
    const read = { source, ...readConfig(source) };
    const builder = new LayerBuilder(working.store, working.session);
    await storeImages(working, [{ ...read, layers: await buildLayers(builder, read) }]);
    if (!options.keepsBlobs) await dropBlobs(working, source.config.file.digest);
    return source.config.file.digest;
  });
}

function nameOf(text: string): string {
  const reference = parseReference(text);
  if (reference.digest === undefined) return formatReference(reference);
  throw imagesError(
    'PUSH_DESTINATION_INVALID',
    `An image is imported as a tag, not as a digest as ${text} has it`,
  );
}

function historyEntry({ message, source, changes }: ImportOptions): object {
  return {
    created: new Date().toISOString(),
    created_by: changes.length === 0 ? `corten import ${source}` : changes.join('; '),
    comment: message ?? `Imported from ${source}`,
  };
}

function toImage(
  { session }: Working,
  made: { readonly text: string; readonly blob: TypedFile; readonly references: readonly string[] },
): ArchiveImage {
  const { text, blob, references } = made;
  const config = { file: spoolText(session, text), mediaType: MEDIA_TYPE_CONFIG };
  const descriptor = ({ file, mediaType }: TypedFile): object => ({
    mediaType,
    digest: file.digest,
    size: file.size,
  });
  const manifest = formatJson({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE_MANIFEST,
    config: descriptor(config),
    layers: [descriptor(blob)],
  });
  return {
    manifest: { file: spoolText(session, manifest), mediaType: MEDIA_TYPE_MANIFEST },
    config,
    layers: [blob],
    references,
  };
}

/** The tar as it comes, into a file of the session, with the digests of both its forms. */
async function spoolLayer(
  { session }: Working,
  { input, source }: ImportOptions,
): Promise<{ readonly blob: TypedFile; readonly diffId: DiffId }> {
  const { path, fd } = session.createFile();
  const [whole, tar] = [new DigestStream(), new DigestStream()];
  const limits = layerLimits();
  try {
    const kept = keeping(input, fd, whole);
    await readInflated(kept, `The tar of ${source}`, (bytes) => {
      tar.update(bytes);
      checkInflated({ name: `The tar of ${source}`, inflated: tar.size, taken: whole.size }, limits);
    });
  } finally {
    closeSync(fd);
  }
  const file: SpooledFile = { path, size: whole.size, digest: whole.digest() };
  const compression = detectCompression(readStart(file, MAGIC_LENGTH), `The tar of ${source}`);
  return { blob: { file, mediaType: LAYER_TYPES[compression] }, diffId: tar.digest() as DiffId };
}

async function* keeping(
  bytes: AsyncIterable<Uint8Array>,
  fd: number,
  sum: DigestStream,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    sum.update(chunk);
    for (let at = 0; at < chunk.length;) at += writeSync(fd, chunk, at);
    yield chunk;
  }
}
