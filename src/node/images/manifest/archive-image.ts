import type { Digest } from '../../../pure/base/digest.ts';
import { formatReference, parseReference } from '../../../pure/store/reference.ts';
import type { SpooledFile } from '../archive/spooled-file.ts';
import { imagesError } from '../errors.ts';

/** A blob with what it is. */
export interface TypedFile {
  readonly file: SpooledFile;
  readonly mediaType: string;
}

/** One image of an archive, its parts found and their digests checked, its configuration not yet read. */
export interface ArchiveImage {
  readonly manifest: TypedFile;
  readonly config: TypedFile;
  /** Bottom first. */
  readonly layers: readonly TypedFile[];
  /** Full names. */
  readonly references: readonly string[];
}

/** Every blob of an image. */
export function filesOf({ manifest, config, layers }: ArchiveImage): readonly TypedFile[] {
  return [manifest, config, ...layers];
}

/** A name that an archive gives an image, in its full form; one with a digest must mean this manifest. */
export function fullReference(text: string, manifest: Digest): string {
  const reference = parseReference(text);
  if (reference.digest !== undefined && reference.digest !== manifest) {
    const message = `The archive names ${JSON.stringify(text)} an image whose manifest is ${manifest}`;
    throw imagesError('ARCHIVE_DIGEST_MISMATCH', message);
  }
  return formatReference(reference);
}

/** Names that an error shows. */
const SHOWN_NAMES = 10;

/** An archive that has other images than the one asked for. */
export function notInArchive(name: string, names: readonly string[]): Error {
  const shown = names.slice(0, SHOWN_NAMES).map((one) => JSON.stringify(one.slice(0, 200)));
  const list = shown.length === 0 ? 'its images have no names' : `it has ${shown.join(', ')}`;
  return imagesError('ARCHIVE_INVALID', `The archive has no image ${JSON.stringify(name)}: ${list}`);
}
