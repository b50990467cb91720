import { digestOfHex } from '../../../pure/base/digest.ts';
import { formatJson } from '../../../pure/base/json.ts';
import {
  MEDIA_TYPE_CONFIG,
  MEDIA_TYPE_LAYER,
  MEDIA_TYPE_LAYER_GZIP,
  MEDIA_TYPE_LAYER_ZSTD,
  MEDIA_TYPE_MANIFEST,
  type DockerArchiveImage,
} from '../../../pure/spec/image.ts';
import { findFile, type Archive } from '../archive/archive.ts';
import { detectCompression, MAGIC_LENGTH, type Compression } from '../archive/compression.ts';
import { readStart, type SpooledFile } from '../archive/spooled-file.ts';
import { imagesError } from '../errors.ts';
import { fullReference, notInArchive, type ArchiveImage, type TypedFile } from './archive-image.ts';
import { isSameName } from './layout-name.ts';
import { fieldsOf, parseDocument } from './parse-json.ts';

const DOCKER_MANIFEST = 'manifest.json';

/** What errors call it. */
const MANIFEST_NAME = `The file ${DOCKER_MANIFEST}`;
const MAX_IMAGES = 1000;
/** Older archives name the configuration by its digest, newer ones also as a blob of a layout. */
const CONFIG_NAME = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/;

const LAYER_TYPES: Readonly<Record<Compression, string>> = {
  none: MEDIA_TYPE_LAYER,
  gzip: MEDIA_TYPE_LAYER_GZIP,
  zstd: MEDIA_TYPE_LAYER_ZSTD,
};

/**
 * The images of a `docker save` archive (moby image/spec/v1.2.md, "Combined Image JSON + Filesystem Changeset
 * Format"). It has no OCI manifest, so one is written for each image with `spool`.
 */
export function readDockerArchive(
  archive: Archive,
  spool: (text: string) => SpooledFile,
  name?: string,
): readonly ArchiveImage[] {
  const all = parseDockerManifest(findFile(archive, DOCKER_MANIFEST, 'The archive'));
  const wanted =
    name === undefined ? all : all.filter(({ RepoTags }) => RepoTags.some((tag) => isSameName(tag, name)));
  if (wanted.length === 0)
    throw notInArchive(
      name ?? '',
      all.flatMap(({ RepoTags }) => RepoTags),
    );
  return wanted.map((image) => {
    const config = { file: findConfig(archive, image.Config), mediaType: MEDIA_TYPE_CONFIG };
    const layers = image.Layers.map((path) => findLayer(archive, path));
    const manifest = { file: spool(formatManifest(config, layers)), mediaType: MEDIA_TYPE_MANIFEST };
    const tags = image.RepoTags.filter((tag) => name === undefined || isSameName(tag, name));
    const references = tags.map((tag) => fullReference(tag, manifest.file.digest));
    return { manifest, config, layers, references };
  });
}

function parseDockerManifest(file: SpooledFile): readonly DockerArchiveImage[] {
  const list = parseDocument(file, MANIFEST_NAME);
  if (!Array.isArray(list)) throw imagesError('ARCHIVE_INVALID', `${MANIFEST_NAME} is not an array`);
  if (list.length === 0) throw imagesError('ARCHIVE_INVALID', `${MANIFEST_NAME} lists no image`);
  if (list.length > MAX_IMAGES) {
    throw imagesError('ARCHIVE_TOO_LARGE', `${MANIFEST_NAME} lists more than ${MAX_IMAGES} images`);
  }
  return list.map((item, index) => {
    const fields = fieldsOf(item, `${MANIFEST_NAME}, image ${index},`);
    return {
      Config: fields.requiredString('Config'),
      RepoTags: fields.strings('RepoTags'),
      Layers: fields.strings('Layers'),
    };
  });
}

function findConfig(archive: Archive, path: string): SpooledFile {
  const file = findFile(archive, path, `Config in ${DOCKER_MANIFEST}`);
  const promised = digestOfHex(CONFIG_NAME.exec(path)?.[1] ?? '') ?? file.digest;
  if (promised === file.digest) return file;
  throw imagesError('ARCHIVE_DIGEST_MISMATCH', `The configuration ${path} has digest ${file.digest}`);
}

function findLayer(archive: Archive, path: string): TypedFile {
  const file = findFile(archive, path, `Layers in ${DOCKER_MANIFEST}`);
  const compression = detectCompression(readStart(file, MAGIC_LENGTH), `The layer ${path}`);
  return { file, mediaType: LAYER_TYPES[compression] };
}

function formatManifest(config: TypedFile, layers: readonly TypedFile[]): string {
  const mediaType = MEDIA_TYPE_MANIFEST;
  return formatJson({
    schemaVersion: 2,
    mediaType,
    config: descriptor(config),
    layers: layers.map(descriptor),
  });
}

function descriptor({ file, mediaType }: TypedFile): object {
  return { mediaType, digest: file.digest, size: file.size };
}
