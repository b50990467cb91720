import { jsonPacket, PACKET, type Attach } from '../monitor/packets.ts';
import type { MonitorConnection } from '../monitor/connect-monitor.ts';
import type { Places } from '../monitor/places.ts';
import { connectContainer } from './connect-container.ts';
import { readConfig } from './container-config.ts';
import { openContainer } from './container-status.ts';
import { engineError } from './errors.ts';
import { isPaused } from './paused.ts';
import { recordEvent } from './record-event.ts';

export interface AttachedContainer {
  readonly connection: MonitorConnection;
  readonly hasTerminal: boolean;
  /** Whether the container's standard input is open. */
  readonly hasStdin: boolean;
}

/**
 * A connection that carries a running container's streams from now on. Throws ENGINE_CONTAINER_NOT_RUNNING,
 * ENGINE_CONTAINER_PAUSED.
 */
export function attachContainer(places: Places, wantsStdin: boolean): AttachedContainer {
  using directory = openContainer(places);
  const connection = directory === undefined ? undefined : connectContainer(directory);
  const { name } = places;
  if (directory === undefined || connection === undefined) {
    throw engineError(
      'ENGINE_CONTAINER_NOT_RUNNING',
      `The container ${name} is not running: corten logs ${name} shows what it has written`,
    );
  }
  if (isPaused(directory.number)) {
    connection.close();
    throw engineError(
      'ENGINE_CONTAINER_PAUSED',
      `The container ${name} is paused: corten unpause ${name} lets it go on`,
    );
  }
  const config = readConfig(directory.number, name);
  const hasStdin = wantsStdin && config.hasStdin;
  connection.send(jsonPacket(PACKET.ATTACH, { isStdin: hasStdin } satisfies Attach));
  recordEvent(places, 'attach');
  return { connection, hasTerminal: config.hasTerminal, hasStdin };
}
