import { attempt, isSysError, sys } from '../../kernel/call.ts';
import { AT, O } from '../../kernel/constants.ts';
import { createFile, makeDirectories, openFile } from '../../kernel/files.ts';
import { removeTree } from '../../kernel/remove-tree.ts';
import { randomId } from '../names/random.ts';
import { skeletonFolder, type Roots } from '../roots.ts';
import { exists } from '../../monitor/places.ts';
import { ETC_FILES } from './etc-files.ts';

const EEXIST_OR_NOT_EMPTY = ['EEXIST', 'ENOTEMPTY'] as const;

/**
 * The directory below all layers with the places that every container mounts on, so that they need not be made in
 * each container's own upper. Made whole under another name, once.
 */
export function requireSkeleton(roots: Roots): string {
  const path = skeletonFolder(roots);
  if (!exists(path)) makeSkeleton(roots, path);
  return path;
}

function makeSkeleton({ store }: Roots, path: string): void {
  const temporary = `skeleton.${randomId()}`;
  const folder = `${store}/${temporary}`;
  makeDirectories(folder, 0o755);
  for (const name of ['dev', 'proc', 'sys', 'etc']) sys('mkdir', `${folder}/${name}`, 0o755);
  for (const name of ETC_FILES) createFile(`${folder}/etc/${name}`, '', 0o644);
  using above = openFile(store, O.RDONLY | O.DIRECTORY);
  try {
    sys('renameat', AT.FDCWD, folder, AT.FDCWD, path);
  } catch (error) {
    removeTree(above.number, temporary);
    // Another start was faster.
    if (!isSysError(error, ...EEXIST_OR_NOT_EMPTY)) throw error;
  }
  attempt('fsync', above.number);
}
