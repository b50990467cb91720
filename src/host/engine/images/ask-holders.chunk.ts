import type { Fd } from '../../kernel/files.ts';
import { connectMonitor } from '../../monitor/connect-monitor.ts';
import { requestLayers } from '../../monitor/request-mounts.ts';
import { openContainer } from '../container-status.ts';
import { placesOf, type Roots } from '../roots.ts';

/**
 * Milliseconds: a monitor answers at once, unless it is itself about to start a container, and may then be asking us.
 * Without an answer the layer is mounted once more.
 */
const TIMEOUT = 50;

/** Asks those who may have each file's layer, the newest first. */
export function askHolders(
  roots: Roots,
  holders: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, Fd> {
  const found = new Map<string, Fd>();
  const asked = new Set<string>();
  for (const [file, ids] of holders) {
    for (const id of ids) {
      if (found.has(file)) break;
      if (asked.has(id)) continue;
      asked.add(id);
      const missing = [...holders.keys()].filter((one) => !found.has(one));
      for (const [name, fd] of ask(roots, id, missing)) found.set(name, fd);
    }
  }
  return found;
}

function ask(roots: Roots, id: string, files: readonly string[]): ReadonlyMap<string, Fd> {
  using directory = openContainer(placesOf(roots, id, ''));
  if (directory === undefined) return new Map();
  using connection = connectMonitor(directory.number, TIMEOUT);
  return connection === undefined ? new Map() : requestLayers(connection, { files, timeout: TIMEOUT });
}
