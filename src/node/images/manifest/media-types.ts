import {
  MEDIA_TYPE_CONFIG,
  MEDIA_TYPE_DOCKER_CONFIG,
  MEDIA_TYPE_DOCKER_LAYER,
  MEDIA_TYPE_DOCKER_LAYER_GZIP,
  MEDIA_TYPE_DOCKER_LAYER_ZSTD,
  MEDIA_TYPE_DOCKER_LIST,
  MEDIA_TYPE_DOCKER_MANIFEST,
  MEDIA_TYPE_INDEX,
  MEDIA_TYPE_LAYER,
  MEDIA_TYPE_LAYER_GZIP,
  MEDIA_TYPE_LAYER_ZSTD,
  MEDIA_TYPE_MANIFEST,
  type Descriptor,
  type ImageManifest,
} from '../../../pure/spec/image.ts';
import type { SpooledFile } from '../archive/spooled-file.ts';
import { imagesError } from '../errors.ts';
import { parseManifest } from './parse-manifest.ts';

export const INDEX_TYPES: ReadonlySet<string> = new Set([MEDIA_TYPE_INDEX, MEDIA_TYPE_DOCKER_LIST]);
export const MANIFEST_TYPES: ReadonlySet<string> = new Set([MEDIA_TYPE_MANIFEST, MEDIA_TYPE_DOCKER_MANIFEST]);
const CONFIG_TYPES: ReadonlySet<string> = new Set([MEDIA_TYPE_CONFIG, MEDIA_TYPE_DOCKER_CONFIG]);
const LAYER_TYPES: ReadonlySet<string> = new Set([
  MEDIA_TYPE_LAYER,
  MEDIA_TYPE_LAYER_GZIP,
  MEDIA_TYPE_LAYER_ZSTD,
  MEDIA_TYPE_DOCKER_LAYER,
  MEDIA_TYPE_DOCKER_LAYER_GZIP,
  MEDIA_TYPE_DOCKER_LAYER_ZSTD,
]);

/** The manifest of a container image; that of anything else is refused by its media types. */
export function parseImageManifest(file: SpooledFile): Omit<ImageManifest, 'mediaType'> {
  const parsed = parseManifest(file, `The manifest ${file.digest}`);
  if (!CONFIG_TYPES.has(parsed.config.mediaType)) throw unsupported('The configuration', parsed.config);
  const wrong = parsed.layers.find((layer) => !LAYER_TYPES.has(layer.mediaType));
  if (wrong !== undefined) throw unsupported('The layer', wrong);
  return parsed;
}

export function unsupported(
  what: string,
  { digest, mediaType }: Pick<Descriptor, 'digest' | 'mediaType'>,
): Error {
  const type = JSON.stringify(mediaType.slice(0, 200));
  return imagesError(
    'IMAGE_UNSUPPORTED',
    `${what} ${digest} is of media type ${type}, which is no container image's`,
  );
}
