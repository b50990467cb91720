import type { Readable } from 'node:stream';
import { INDEX_FILE, OCI_LAYOUT_FILE } from '../../pure/store/layout.ts';
import type { Archive } from './archive/archive.ts';
import { spoolArchive } from './archive/spool-archive.ts';
import { spoolDirectory } from './archive/spool-directory.ts';
import { spoolText } from './archive/spool-text.ts';
import { inSession, storeImages } from './disk/in-session.ts';
import type { LoadSession } from './disk/load-session.ts';
import { imagesError } from './errors.ts';
import { buildImages } from './layers/build-images.ts';
import { filesOf, type ArchiveImage } from './manifest/archive-image.ts';
import { hostPlatform } from './manifest/choose-platform.ts';
import { readDockerArchive } from './manifest/docker-archive.ts';
import { isImageDirectory, readImageDirectory } from './manifest/image-directory.ts';
import { layoutNeeds } from './manifest/layout-needs.ts';
import { dropBlobs } from './records/drop-blobs.ts';
import { readOciLayout } from './manifest/oci-layout.ts';

export interface LoadOptions {
  /** The store's root, absolute; made if missing. */
  readonly root: string;
  /** The archive's bytes, plain or compressed with gzip or zstd; or a directory, absolute. */
  readonly input: Readable | string;
  /** The only image that is wanted, by its name within. */
  readonly name?: string | undefined;
  /** Whether the blobs of layers stay in the store; they do unless given. */
  readonly keepsBlobs?: boolean;
  /** Forms that no image may come in, as policy.json calls them. */
  readonly refused?: readonly string[];
  /** When it fires, all temporary files go at once and the load fails. */
  readonly signal: AbortSignal;
}

export interface LoadedImage {
  /** The digest of the configuration. */
  readonly id: string;
  /** Full names that the archive gave the image. */
  readonly references: readonly string[];
}

/**
 * Loads every image of a docker-archive or OCI layout archive into the store, all or none. Digests, sizes and
 * DiffIDs are checked; what fails leaves no file and no row.
 */
export async function loadImages(options: LoadOptions): Promise<readonly LoadedImage[]> {
  const { input, name } = options;
  return await inSession(options, async (working) => {
    const { session } = working;
    const archive =
      typeof input === 'string'
        ? await spoolDirectory(session, input, (known) => layoutNeeds(known, name))
        : await spoolArchive(session, input);
    const { transport, images } = readImages(archive, session, options);
    if (options.refused?.includes(transport) === true) {
      const text = `Images of the form ${transport} are refused by policy.json, which corten config names`;
      throw imagesError('IMAGE_REFUSED', text);
    }
    for (const { file } of images.flatMap(filesOf)) session.sealer.begin(file.path);
    const built = await buildImages(working.store, session, images);
    await storeImages(working, built);
    if (options.keepsBlobs === false) {
      for (const { source } of built) await dropBlobs(working, source.config.file.digest);
    }
    return built.map(({ source }) => ({ id: source.config.file.digest, references: source.references }));
  });
}

interface ReadArchive {
  /** As policy.json calls it. */
  readonly transport: string;
  readonly images: readonly ArchiveImage[];
}

function readImages(archive: Archive, session: LoadSession, { input, name }: LoadOptions): ReadArchive {
  const manifest = archive.files.get('manifest.json');
  // An archive that is both (docker save since 25) has its real manifests in the layout.
  if (archive.files.has(INDEX_FILE) && archive.files.has(OCI_LAYOUT_FILE)) {
    const own = typeof input === 'string' ? 'oci' : 'oci-archive';
    const images = readOciLayout(archive, hostPlatform(process.arch), name);
    return { transport: manifest === undefined ? own : 'docker-archive', images };
  }
  if (manifest !== undefined && isImageDirectory(manifest)) {
    return { transport: 'dir', images: readImageDirectory(archive) };
  }
  if (manifest !== undefined) {
    const images = readDockerArchive(archive, (text) => spoolText(session, text), name);
    return { transport: 'docker-archive', images };
  }
  const text =
    'The archive holds no image: neither manifest.json (docker save) nor oci-layout with index.json (OCI)';
  throw imagesError('ARCHIVE_INVALID', text);
}
