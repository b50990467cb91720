import { readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inWriteTransaction } from '../../../pure/store/database.ts';
import { formatIndex } from '../../../pure/store/index-json.ts';
import { BLOBS_FOLDER, INDEX_FILE, LAYERS_FOLDER, blobFile } from '../../../pure/store/layout.ts';
import type { StoredLayer } from '../../../pure/store/layers-of.ts';
import {
  announceFiles,
  areAnnounced,
  putImage,
  recordLayer,
  type NewImage,
  type StoredBlob,
} from '../../../pure/store/put-image.ts';
import { imagesError } from '../errors.ts';
import type { Store } from './open-store.ts';
import { syncFolder } from './store-files.ts';

export interface StagedBlob extends StoredBlob {
  /** Where the blob lies now. */
  readonly path: string;
}

export interface StagedLayer extends StoredLayer {
  /** Where the layer lies now; undefined if it is one of the store already. */
  readonly path: string | undefined;
}

export interface Commit {
  readonly images: readonly NewImage[];
  readonly blobs: readonly StagedBlob[];
  readonly layers: readonly StagedLayer[];
}

/** Every try fails only if a collection came in the milliseconds between two transactions. */
const MAX_TRIES = 20;

/** The files that commitImages() would move: FileSealer has to have finished them before. */
export function stagedFiles({ blobs, layers }: Commit): readonly string[] {
  return [...blobs, ...layers].flatMap(({ path }) => (path === undefined ? [] : [path]));
}

/**
 * Moves whole, flushed files into the store and adds the images, all or none. Rows of the files are committed
 * first, so that a kill at any point leaves nothing that the next collection doesn't find.
 */
export function commitImages(store: Store, commit: Commit): void {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    inWriteTransaction(store.db, () => announceFiles(store.db, commit));
    if (inWriteTransaction(store.db, () => areAnnounced(store.db, commit) && place(store, commit))) return;
  }
  throw imagesError('STORE_CHANGED', 'Other commands keep removing images from the store: load again');
}

function place(store: Store, commit: Commit): true {
  const moved = new Set<string>();
  for (const blob of commit.blobs) {
    if (placeFile(store, blobFile(blob.digest), blob)) moved.add(BLOBS_FOLDER);
  }
  for (const layer of commit.layers) {
    if (!placeFile(store, layer.file, layer)) continue;
    recordLayer(store.db, layer);
    moved.add(LAYERS_FOLDER);
  }
  for (const folder of moved) syncFolder(join(store.root, folder));
  for (const image of commit.images) putImage(store.db, image);
  const index = formatIndex(store.db);
  if (readFileSync(join(store.root, INDEX_FILE), 'utf8') !== index) store.files.replace(INDEX_FILE, index);
  return true;
}

/** Whether the file was moved: one of the same name and size is the same content, and may be mounted. */
function placeFile(store: Store, file: string, staged: StagedBlob | StagedLayer): boolean {
  const target = join(store.root, file);
  const there = statSync(target, { throwIfNoEntry: false });
  if (there?.size === staged.size) return false;
  if (staged.path === undefined) {
    throw imagesError('STORE_CHANGED', `${file} was removed from the store meanwhile: load again`);
  }
  renameSync(staged.path, target);
  return true;
}
