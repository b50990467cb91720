import { retry } from '../kernel/call.ts';
import { LOCK, O } from '../kernel/constants.ts';
import { keptAfter, openAt, type Fd } from '../kernel/files.ts';
import type { Places } from '../monitor/places.ts';
import { readConfig, replaceConfig, type ContainerConfig } from './container-config.ts';
import { openContainer } from './container-status.ts';
import { noSuchContainer } from './errors.ts';
import { whileThere } from './while-there.ts';

const LOCK_FILE = 'config.lock';

/**
 * Changes what is wanted of a container: `change` gets what holds and gives what is to hold. Nobody else changes it
 * meanwhile, and where it throws nothing is changed. Throws ENGINE_CONTAINER_NOT_FOUND, ENGINE_CONTAINER_DAMAGED.
 */
export function changeConfig(places: Places, change: (config: ContainerConfig) => ContainerConfig): void {
  using directory = openContainer(places);
  if (directory === undefined) throw noSuchContainer(places.name);
  whileThere(places, () => {
    using _lock = lockConfig(directory);
    replaceConfig(places.directory, change(readConfig(directory.number, places.name)));
  });
}

function lockConfig(directory: Fd): Fd {
  const file = openAt(directory.number, LOCK_FILE, O.RDWR | O.CREAT | O.NOFOLLOW, 0o600);
  return keptAfter(file, () => void retry('flock', file.number, LOCK.EX));
}
