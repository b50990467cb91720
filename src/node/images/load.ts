import type { Readable } from 'node:stream';
import { collectGarbage } from '../../pure/store/collect-garbage.ts';
import { INDEX_FILE, OCI_LAYOUT_FILE } from '../../pure/store/layout.ts';
import type { Archive } from './archive/archive.ts';
import { spoolArchive } from './archive/spool-archive.ts';
import { spoolText } from './archive/spool-text.ts';
import { commitImages, stagedFiles } from './disk/commit-images.ts';
import { LoadSession } from './disk/load-session.ts';
import { openStore, repairStore, type Store } from './disk/open-store.ts';
import { imagesError } from './errors.ts';
import { explainDisk } from './explain-disk.ts';
import { buildImages } from './layers/build-images.ts';
import { toCommit } from './layers/to-commit.ts';
import { filesOf, type ArchiveImage } from './manifest/archive-image.ts';
import { hostPlatform } from './manifest/choose-platform.ts';
import { readDockerArchive } from './manifest/docker-archive.ts';
import { readOciLayout } from './manifest/oci-layout.ts';

export interface LoadOptions {
  /** The store's root, absolute; made if missing. */
  readonly root: string;
  /** The archive's bytes, plain or compressed with gzip or zstd. */
  readonly input: Readable;
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
export async function loadImages({ root, input, signal }: LoadOptions): Promise<readonly LoadedImage[]> {
  try {
    using store = openStore(root);
    using session = new LoadSession(root);
    signal.addEventListener('abort', () => session[Symbol.dispose]());
    if (session.swept > 0) repairStore(store);
    return await loadInto(store, session, input);
  } catch (error) {
    throw explainDisk(error, root);
  }
}

async function loadInto(
  store: Store,
  session: LoadSession,
  input: Readable,
): Promise<readonly LoadedImage[]> {
  const archive = await spoolArchive(session, input);
  const images = readImages(archive, session);
  for (const { file } of images.flatMap(filesOf)) session.sealer.begin(file.path);
  const commit = toCommit(await buildImages(store, session, images));
  await session.sealer.finish(stagedFiles(commit));
  try {
    commitImages(store, commit);
  } catch (error) {
    repairStore(store);
    throw error;
  }
  // An image that the store had keeps its own manifest and blobs: those that came are left over.
  collectGarbage(store.db, store.files);
  return commit.images.map(({ configDigest, references }) => ({ id: configDigest, references }));
}

function readImages(archive: Archive, session: LoadSession): readonly ArchiveImage[] {
  // An archive that is both (docker save since 25) has its real manifests in the layout.
  if (archive.files.has(INDEX_FILE) && archive.files.has(OCI_LAYOUT_FILE)) {
    return readOciLayout(archive, hostPlatform(process.arch));
  }
  if (archive.files.has('manifest.json'))
    return readDockerArchive(archive, (text) => spoolText(session, text));
  const text =
    'The archive holds no image: neither manifest.json (docker save) nor oci-layout with index.json (OCI)';
  throw imagesError('ARCHIVE_INVALID', text);
}
