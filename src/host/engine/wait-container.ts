import { awaitExit } from '../monitor/connect-monitor.ts';
import { readJournal } from '../monitor/journal.ts';
import type { Places } from '../monitor/places.ts';
import { connectContainer } from './connect-container.ts';
import { openContainer } from './container-status.ts';
import { engineError } from './errors.ts';

/** Waits for the container's end; its exit code. Throws ENGINE_CONTAINER_NOT_RUNNING, ENGINE_EXIT_UNKNOWN. */
export function waitContainer(places: Places): number {
  using directory = openContainer(places);
  if (directory === undefined) throw notRunning(places);
  using connection = connectContainer(directory);
  const seen = connection === undefined ? undefined : awaitExit(connection, -1);
  if (seen !== undefined) return seen.code;
  const { started, exited } = readJournal(directory.number);
  if (exited !== undefined) return exited.code;
  if (started === undefined) throw notRunning(places);
  const text = `Nobody saw the end of the container ${places.name}, as its monitor was killed: remove it with corten rm -f ${places.name}`;
  throw engineError('ENGINE_EXIT_UNKNOWN', text);
}

function notRunning({ name }: Places): Error {
  return engineError('ENGINE_CONTAINER_NOT_RUNNING', `The container ${name} was never started`);
}
