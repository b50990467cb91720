import { digestHex } from '../../../pure/base/digest.ts';
import {
  ANNOTATION_IMAGE_NAME,
  ANNOTATION_REF_NAME,
  IMAGE_LAYOUT_VERSION,
  type Descriptor,
  type IndexEntry,
} from '../../../pure/spec/image.ts';
import { BLOBS_FOLDER, INDEX_FILE, OCI_LAYOUT_FILE } from '../../../pure/store/layout.ts';
import { findFile, type Archive } from '../archive/archive.ts';
import type { SpooledFile } from '../archive/spooled-file.ts';
import { imagesError } from '../errors.ts';
import { fullReference, notInArchive, type ArchiveImage, type TypedFile } from './archive-image.ts';
import { choosePlatform, isAttestation, type WantedPlatform } from './choose-platform.ts';
import { layoutName } from './layout-name.ts';
import { INDEX_TYPES, MANIFEST_TYPES, parseImageManifest, unsupported } from './media-types.ts';
import { fieldsOf, parseDocument } from './parse-json.ts';
import { parseIndex } from './parse-manifest.ts';

/** What errors call them. */
const INDEX_NAME = `The file ${INDEX_FILE}`;
const LAYOUT_NAME = `The file ${OCI_LAYOUT_FILE}`;
const MAX_NESTING = 4;

/**
 * The images of an OCI layout (image-spec image-layout.md). Of an index, and of entries that share a name, the
 * image for this machine is taken; a single image is taken whatever machine it is for.
 */
export function readOciLayout(
  archive: Archive,
  host: WantedPlatform,
  name?: string,
): readonly ArchiveImage[] {
  checkVersion(findFile(archive, OCI_LAYOUT_FILE, 'The archive'));
  const index = parseIndex(findFile(archive, INDEX_FILE, 'The archive'), INDEX_NAME);
  const images = index.filter((entry) => !isAttestation(entry));
  const entries = images.filter((entry) => name === undefined || layoutName(entry, name));
  if (entries.length === 0 && images.length > 0) throw noSuchName(name ?? '', images);
  if (entries.length === 0) throw imagesError('ARCHIVE_INVALID', `${INDEX_NAME} lists no image`);
  const groups = Map.groupBy(
    entries,
    (entry) => nameOf(entry) ?? (entry.platform === undefined ? entry : ''),
  );
  return [...groups.values()].map((group) => {
    const entry = choosePlatform(group, host, INDEX_NAME);
    const image = readImage(archive, findManifest(archive, entry, { host, depth: 0 }));
    const full = nameOf(entry);
    return {
      ...image,
      references: full === undefined ? [] : [fullReference(full, image.manifest.file.digest)],
    };
  });
}

function noSuchName(name: string, entries: readonly IndexEntry[]): Error {
  const names = entries.flatMap((entry) => nameOf(entry) ?? []);
  return notInArchive(name, names);
}

function checkVersion(file: SpooledFile): void {
  const fields = fieldsOf(parseDocument(file, LAYOUT_NAME), LAYOUT_NAME);
  const version = fields.requiredString('imageLayoutVersion');
  if (version !== IMAGE_LAYOUT_VERSION) {
    throw imagesError(
      'IMAGE_UNSUPPORTED',
      `The OCI layout has version ${JSON.stringify(version.slice(0, 40))}, not ${IMAGE_LAYOUT_VERSION}`,
    );
  }
}

/** Docker and containerd put the full name beside a ref.name that is the tag alone. */
function nameOf({ annotations }: IndexEntry): string | undefined {
  return annotations.get(ANNOTATION_IMAGE_NAME) ?? annotations.get(ANNOTATION_REF_NAME);
}

interface Descent {
  readonly host: WantedPlatform;
  readonly depth: number;
}

function findManifest(archive: Archive, entry: Descriptor, { host, depth }: Descent): TypedFile {
  const file = findBlob(archive, entry, 'The manifest');
  if (MANIFEST_TYPES.has(entry.mediaType)) return { file, mediaType: entry.mediaType };
  if (!INDEX_TYPES.has(entry.mediaType)) throw unsupported('The manifest', entry);
  if (depth === MAX_NESTING) throw imagesError('ARCHIVE_INVALID', `Indexes nest deeper than ${MAX_NESTING}`);
  const name = `The index ${entry.digest}`;
  // An archive of one platform may keep the whole index and leave the other platforms' blobs out.
  const present = parseIndex(file, name).filter((child) => archive.files.has(blobName(child)));
  return findManifest(archive, choosePlatform(present, host, name), { host, depth: depth + 1 });
}

function readImage(archive: Archive, manifest: TypedFile): Omit<ArchiveImage, 'references'> {
  const parsed = parseImageManifest(manifest.file);
  const find = (descriptor: Descriptor, what: string): TypedFile => ({
    file: findBlob(archive, descriptor, what),
    mediaType: descriptor.mediaType,
  });
  const config = find(parsed.config, 'The configuration');
  return { manifest, config, layers: parsed.layers.map((layer) => find(layer, 'The layer')) };
}

function findBlob(archive: Archive, descriptor: Descriptor, what: string): SpooledFile {
  const file = findFile(archive, blobName(descriptor), what);
  if (file.digest !== descriptor.digest) {
    throw imagesError('ARCHIVE_DIGEST_MISMATCH', `${what} ${descriptor.digest} has digest ${file.digest}`);
  }
  if (file.size !== descriptor.size) {
    const text = `${what} ${descriptor.digest} has ${file.size} bytes and not ${descriptor.size}`;
    throw imagesError('ARCHIVE_DIGEST_MISMATCH', text);
  }
  return file;
}

function blobName({ digest }: Descriptor): string {
  return `${BLOBS_FOLDER}/${digestHex(digest)}`;
}
