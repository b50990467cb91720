import { attempt, isSysError, retry, sys } from '../../kernel/call.ts';
import { LOCK, O } from '../../kernel/constants.ts';
import { namesIn } from '../../kernel/directory-names.ts';
import { makeDirectories, openAt, openFile, type Fd } from '../../kernel/files.ts';
import { removeTree } from '../../kernel/remove-tree.ts';
import { snapshotError } from '../errors.ts';
import { openLayer } from '../mounts/erofs.ts';
import { startUnpacking, type Unpacking } from '../unpack/unpack-confined.ts';
import { TREES_FOLDER } from './trees-folder.ts';

const MAKING = 'making-';
/** As many as share the machine well: each waits for the disk as often as it computes. */
const AT_ONCE = 2;

/** The directory that a layer has in a store of this form, by its EROFS file. */
export function treeOf(store: string, layer: string): string {
  const file = layer.slice(layer.lastIndexOf('/') + 1);
  return `${store}/${TREES_FOLDER}/${file.replace(/\.erofs$/, '')}`;
}

/**
 * Makes the directory trees of layers that have none yet. One is made under another name, flushed and renamed, so
 * that what is there is whole; what a killed command left of one is removed by the next.
 */
export function requireTrees(store: string, layers: readonly string[], isUserXattr: boolean): void {
  const missing = (): readonly string[] =>
    [...new Set(layers)].filter((layer) => attempt('access', treeOf(store, layer), 0) < 0);
  if (missing().length === 0) return;
  makeDirectories(`${store}/${TREES_FOLDER}`, 0o700);
  using folder = openFile(`${store}/${TREES_FOLDER}`, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  // Also makes a second start of the same image wait for the first instead of doing it all again.
  retry('flock', folder.number, LOCK.EX);
  removeHalfMade(folder);
  const wanted = [...missing()];
  while (wanted.length > 0) makeTrees(folder, wanted.splice(0, AT_ONCE), isUserXattr);
}

/** Removes trees of layers that the store has no more. The answer: how many. */
export function sweepTrees(store: string, isKnown: (layerFile: string) => boolean): number {
  using folder = openFile(`${store}/${TREES_FOLDER}`, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  retry('flock', folder.number, LOCK.EX);
  removeHalfMade(folder);
  const unknown = namesIn(folder.number).filter(
    ({ name }) => !isKnown(`${utf8(name, 0, name.length - 1)}.erofs`),
  );
  for (const { name } of unknown) removeTree(folder.number, name);
  return unknown.length;
}

function removeHalfMade(folder: Fd): void {
  for (const { name } of namesIn(folder.number)) {
    if (utf8(name, 0, name.length - 1).startsWith(MAKING)) removeTree(folder.number, name);
  }
  sys('lseek', folder.number, 0, 0);
}

function makeTrees(folder: Fd, layers: readonly string[], isUserXattr: boolean): void {
  const running = layers.map((layer) => startTree(folder, layer, isUserXattr));
  let failure: unknown;
  for (const tree of running) {
    try {
      tree.unpacking.finish();
    } catch (error) {
      failure ??= error;
    }
  }
  try {
    if (failure !== undefined) throw failure;
    // Their files before their names.
    sys('syncfs', folder.number);
    for (const { name } of running) sys('renameat', folder.number, MAKING + name, folder.number, name);
    sys('fsync', folder.number);
  } catch (error) {
    for (const { name } of running) removeTree(folder.number, MAKING + name);
    throw explain(error);
  }
}

function startTree(
  folder: Fd,
  layer: string,
  isUserXattr: boolean,
): { readonly name: string; readonly unpacking: Unpacking } {
  const name = layer.slice(layer.lastIndexOf('/') + 1).replace(/\.erofs$/, '');
  using image = openLayer(layer);
  sys('mkdirat', folder.number, MAKING + name, 0o755);
  using directory = openAt(folder.number, MAKING + name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  const marks = isUserXattr ? 'user' : 'trusted';
  return {
    name,
    unpacking: startUnpacking({ images: [image.number], directory: directory.number, marks }),
  };
}

function explain(error: unknown): unknown {
  if (!isSysError(error, 'ENOSPC', 'EDQUOT')) return error;
  return snapshotError(
    'SNAPSHOT_UNPACK_FAILED',
    `Unpack the image: no space is left (${error.message})`,
    error,
  );
}
