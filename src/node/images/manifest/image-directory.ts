import { digestHex } from '../../../pure/base/digest.ts';
import { MEDIA_TYPE_MANIFEST, type Descriptor } from '../../../pure/spec/image.ts';
import type { Archive } from '../archive/archive.ts';
import { findFile } from '../archive/archive.ts';
import type { SpooledFile } from '../archive/spooled-file.ts';
import { imagesError } from '../errors.ts';
import type { ArchiveImage, TypedFile } from './archive-image.ts';
import { parseImageManifest } from './media-types.ts';
import { fieldsOf, parseDocument } from './parse-json.ts';

const MANIFEST = 'manifest.json';

/** Whether a manifest.json is an image's own, and not docker save's list of images. */
export function isImageDirectory(manifest: SpooledFile): boolean {
  const document = parseDocument(manifest, `The file ${MANIFEST}`);
  return typeof document === 'object' && document !== null && 'schemaVersion' in document;
}

/** The image of a directory as skopeo's `dir:` has it: a manifest, and its blobs by digest beside it. */
export function readImageDirectory(archive: Archive): readonly ArchiveImage[] {
  const file = findFile(archive, MANIFEST, 'The directory');
  const own = fieldsOf(parseDocument(file, `The file ${MANIFEST}`), `The file ${MANIFEST}`).string(
    'mediaType',
  );
  const parsed = parseImageManifest(file);
  const find = (descriptor: Descriptor, what: string): TypedFile => {
    const blob = findFile(archive, digestHex(descriptor.digest), what);
    if (blob.digest === descriptor.digest) return { file: blob, mediaType: descriptor.mediaType };
    throw imagesError('ARCHIVE_DIGEST_MISMATCH', `${what} ${descriptor.digest} has digest ${blob.digest}`);
  };
  const manifest = { file, mediaType: own ?? MEDIA_TYPE_MANIFEST };
  const config = find(parsed.config, 'The configuration');
  const layers = parsed.layers.map((layer) => find(layer, 'The layer'));
  return [{ manifest, config, layers, references: [] }];
}
