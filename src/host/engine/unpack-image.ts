import { attempt, isSysError, sys } from '../kernel/call.ts';
import { AT, O } from '../kernel/constants.ts';
import { namesIn } from '../kernel/directory-names.ts';
import { openFile, type Fd } from '../kernel/files.ts';
import { removeTree } from '../kernel/remove-tree.ts';
import { layersOf, type LayerRecord } from '../../pure/store/layers-of.ts';
import { requireImage } from '../../pure/store/find-image.ts';
import { storeError } from '../../pure/store/errors.ts';
import { unpackInto } from '../snapshot/unpack-into.ts';
import { engineError } from './errors.ts';
import { readingImages } from './images/host-database.ts';
import type { Roots } from './roots.ts';

const MODE = 0o755;

export interface UnpackOptions {
  readonly image: string;
  /** Missing or empty. */
  readonly directory: string;
  /** One layer alone, by its number from the bottom (1 is first) or its DiffID, with its deletions as overlayfs has them. */
  readonly layer: string | undefined;
}

/**
 * Makes a directory tree of an image, or of one of its layers. What fails leaves the directory as it was. Throws
 * IMAGE_NOT_FOUND, ENGINE_LAYER_NOT_FOUND, ENGINE_DIRECTORY_NOT_EMPTY.
 */
export function unpackImage(roots: Roots, { image, directory, layer }: UnpackOptions): void {
  const files = filesOf(roots, image, layer);
  const isNew = makeDirectory(directory);
  try {
    using target = openEmpty(directory);
    try {
      unpackInto(files, target.number, layer === undefined ? 'applied' : 'trusted');
    } catch (error) {
      for (const { name } of namesIn(target.number)) removeTree(target.number, name);
      throw error;
    }
  } catch (error) {
    if (isNew) attempt('unlinkat', AT.FDCWD, directory, AT.REMOVEDIR);
    throw error;
  }
}

function filesOf({ store, run }: Roots, image: string, layer: string | undefined): readonly string[] {
  const layers = readingImages({ store, run }, undefined, (db) => layersOf(db, requireImage(db, image).id));
  if (layers === undefined) {
    throw storeError('IMAGE_NOT_FOUND', `No image ${JSON.stringify(image)} in the store, which is empty`);
  }
  const wanted = layer === undefined ? layers : [oneOf(layers, image, layer)];
  return wanted.map(({ file }) => `${store}/${file}`);
}

function oneOf(layers: readonly LayerRecord[], image: string, wanted: string): LayerRecord {
  const digits = wanted.replace(/^sha256:/, '');
  const byNumber = /^\d{1,3}$/.test(wanted) ? layers[Number(wanted) - 1] : undefined;
  const byDigest = layers.filter(({ diffId }) => digits.length >= 4 && diffId.slice(7).startsWith(digits));
  const found = byNumber ?? (byDigest.length === 1 ? byDigest[0] : undefined);
  if (found !== undefined) return found;
  const text = `The image ${image} has ${layers.length} layers and none of them is ${wanted}: give its number from the bottom, or its ID as corten image tree shows it`;
  throw engineError('ENGINE_LAYER_NOT_FOUND', text);
}

/** Whether it was missing. */
function makeDirectory(path: string): boolean {
  try {
    sys('mkdir', path, MODE);
    return true;
  } catch (error) {
    if (isSysError(error, 'EEXIST')) return false;
    throw error;
  }
}

function openEmpty(path: string): Fd {
  const directory = openFile(path, O.RDONLY | O.DIRECTORY);
  const isEmpty = namesIn(directory.number).length === 0;
  sys('lseek', directory.number, 0, 0);
  if (isEmpty) return directory;
  directory.close();
  throw engineError(
    'ENGINE_DIRECTORY_NOT_EMPTY',
    `The directory ${path} is not empty: name one that is, or a new one`,
  );
}
