import { attempt, isSysError } from '../kernel/call.ts';
import { LOCK, O } from '../kernel/constants.ts';
import { openFile, readTextIfThere, replaceFile } from '../kernel/files.ts';
import type { ContainerNetwork } from './types.ts';
import { CONTAINER_FILE } from './networks.ts';

/**
 * What a container, by its directory, has of networks; undefined where that is nothing, or what the machine's end cut
 * short: addresses of one that doesn't run go with the next sweep.
 */
export function readContainerNetwork(directory: string): ContainerNetwork | undefined {
  const text = readTextIfThere(`${directory}/${CONTAINER_FILE}`);
  try {
    return text === undefined ? undefined : (JSON.parse(text) as ContainerNetwork);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function writeContainerNetwork(directory: string, network: ContainerNetwork): void {
  replaceFile(`${directory}/${CONTAINER_FILE}`, JSON.stringify(network));
}

export function deleteContainerNetwork(directory: string): void {
  attempt('unlink', `${directory}/${CONTAINER_FILE}`);
}

/** Whether a process, the container's monitor above all, holds the lock on its directory. */
export function isHeld(directory: string): boolean {
  try {
    using folder = openFile(directory, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
    return attempt('flock', folder.number, LOCK.SH | LOCK.NB) !== 0;
  } catch (error) {
    if (isSysError(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}
