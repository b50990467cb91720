import { toContainer } from '../../pure/spec/id-shift.ts';
import { isCortenError } from '../../pure/base/errors.ts';
import { O } from '../kernel/constants.ts';
import { openFile, writeAll, type Fd } from '../kernel/files.ts';
import type { Places } from '../monitor/places.ts';
import { openWritten } from '../snapshot/container-folders.ts';
import { changesOf, writeLayer, type Change, type DiffSource } from '../snapshot/diff-rootfs.ts';
import { writeTree } from '../snapshot/export-rootfs.ts';
import { lockRootfs } from '../snapshot/mount-rootfs.ts';
import { usageOf, type TreeUsage } from '../snapshot/tree-usage.ts';
import { readConfig, type ContainerConfig } from './container-config.ts';
import { openContainer } from './container-status.ts';
import { engineError, noSuchContainer } from './errors.ts';
import { leaseRootfs } from './lease-rootfs.ts';
import type { Roots } from './roots.ts';
import { whileThere } from './while-there.ts';

/** Two blocks of zeros. */
const EMPTY_TAR = new Uint8Array(1024);
const NO_USAGE: TreeUsage = { size: 0, allocated: 0, files: 0 };

/** What a container changed in its image's files, in the order of the tree. For `diff`. */
export function containerChanges(roots: Roots, places: Places): readonly Change[] {
  return whileThere(places, () => withChanges(roots, places, changesOf)) ?? [];
}

/**
 * Writes the changes as the tar of one more layer to an open file or pipe, for `commit`; who wants a moment's state
 * pauses the container first. The answer: bytes.
 */
export function writeContainerLayer(roots: Roots, places: Places, output: number): number {
  const written = whileThere(places, () =>
    withChanges(roots, places, (source) => writeLayer(source, output)),
  );
  if (written !== undefined) return written;
  writeAll(output, EMPTY_TAR);
  return EMPTY_TAR.length;
}

/** Writes all files of a container as a tar, for `export`. The answer: bytes. */
export function exportContainer(roots: Roots, places: Places, output: number): number {
  return whileThere(places, () => {
    using lease = leaseRootfs(roots, places, 'read');
    return writeTree(lease.root.number, output, lease.ids && toContainer(lease.ids));
  });
}

/** What a container has written, without its image. */
export function containerUsage(places: Places): TreeUsage {
  using directory = openContainer(places);
  const written = directory === undefined ? undefined : openWritten(directory.number);
  if (written === undefined) return NO_USAGE;
  using folder = written.folder;
  return usageOf(folder.number);
}

/** undefined for a container that was never started. */
function withChanges<T>(roots: Roots, places: Places, work: (source: DiffSource) => T): T | undefined {
  using directory = openContainer(places);
  if (directory === undefined) throw noSuchContainer(places.name);
  const config = readConfig(directory.number, places.name);
  if (config.rootfs !== undefined) {
    const text = `The container ${places.name} has the directory ${config.rootfs} for its files, so nothing tells what it changed there`;
    throw engineError('ENGINE_CONTAINER_WITHOUT_IMAGE', text);
  }
  // One that stands still stays so meanwhile; a running one is read as it runs.
  using _lock = tryLock(directory);
  const written = openWritten(directory.number);
  if (written === undefined) return undefined;
  using folder = written.folder;
  using layers = openLayers(roots, config);
  const numbers = layers.files.map((fd) => fd.number);
  return work({ upper: folder.number, isCopy: written.isCopy, layers: numbers });
}

function tryLock(directory: Fd): Fd | undefined {
  try {
    return lockRootfs(directory.number);
  } catch (error) {
    if (isCortenError(error) && error.code === 'SNAPSHOT_IN_USE') return undefined;
    throw error;
  }
}

interface OpenLayers {
  readonly files: readonly Fd[];
  [Symbol.dispose](): void;
}

function openLayers({ store }: Roots, { image }: ContainerConfig): OpenLayers {
  const files: Fd[] = [];
  const close = (): void => {
    for (const fd of files) fd.close();
  };
  try {
    for (const file of image?.layers ?? []) files.push(openFile(`${store}/${file}`, O.RDONLY | O.NOFOLLOW));
  } catch (error) {
    close();
    throw error;
  }
  return { files, [Symbol.dispose]: close };
}
