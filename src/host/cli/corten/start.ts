import { connectContainer } from '../../engine/connect-container.ts';
import { readConfig } from '../../engine/container-config.ts';
import { openContainer } from '../../engine/container-status.ts';
import { findContainer } from '../../engine/find-container.ts';
import type { Roots } from '../../engine/roots.ts';
import { containersToStart } from '../../engine/select-containers.ts';
import { startContainer } from '../../engine/start-container.ts';
import { awaitStarted, sendAttach } from '../../monitor/connect-monitor.ts';
import type { Places } from '../../monitor/places.ts';
import { checkTerminal } from '../check-terminal.ts';
import { EXIT, exitCodeOf, forEach, reportError, usageError, type CortenContext } from '../corten-context.ts';
import { JOIN_FLAGS } from '../corten-join-flags.ts';
import { howToJoin, join } from '../corten-join.ts';
import type { Options } from '../options.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'start [flags] CONTAINER...',
  summary: 'Starts containers that were made or have ended.',
  flags: {
    attach: { kind: 'switch', short: 'a', help: 'join its output, and end with its exit code' },
    interactive: { kind: 'switch', short: 'i', help: 'join its standard input too' },
    all: { kind: 'switch', help: 'every container that does not run' },
    filter: {
      kind: 'list',
      short: 'f',
      value: 'KEY=VALUE',
      help: 'with --all: those alone with this restart-policy, name or label',
    },
    ...JOIN_FLAGS,
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const isJoined = options.isOn('attach') || options.isOn('interactive');
  if (options.isOn('all')) return startAll(roots, options);
  if (options.list('filter').length > 0) throw usageError('The flag --filter goes with --all');
  const [wanted, ...others] = options.rest;
  if (wanted === undefined) throw usageError('Name at least one container to start');
  if (!isJoined) return forEach(options.rest, (one) => startDetached(roots, one));
  if (others.length > 0)
    throw usageError('Only one container can be joined at a time: leave --attach out, or the others');
  try {
    return startJoined(roots, findContainer(roots, wanted), options);
  } catch (error) {
    reportError(error);
    const code = exitCodeOf(error);
    return code === EXIT.ENGINE ? EXIT.FAILED : code;
  }
}

function startAll(roots: Roots, options: Options): number {
  if (options.rest.length > 0) throw usageError('The flag --all goes with no name of a container');
  const names = containersToStart(roots, options.list('filter'));
  return forEach(names, (name) => startDetached(roots, name));
}

function startDetached(roots: Roots, wanted: string): void {
  const started = startContainer(roots, findContainer(roots, wanted), false);
  if (started !== undefined) awaitStarted(started.connection);
  print(`${wanted}\n`);
}

function startJoined(roots: Roots, places: Places, options: Options): number {
  const { hasTerminal, hasStdin } = settingsOf(places);
  const how = howToJoin(options, hasStdin && options.isOn('interactive'));
  if (hasTerminal && how.hasStdin) checkTerminal(options);
  const started = startContainer(roots, places, true);
  if (started !== undefined) {
    const { connection, pid } = started;
    return join({ connection, pid, hasTerminal }, how);
  }
  using directory = openContainer(places);
  const connection = directory && connectContainer(directory);
  if (connection === undefined)
    throw usageError(`The container ${places.name} has just ended: start it again`);
  sendAttach(connection, how.hasStdin);
  return join({ connection, pid: undefined, hasTerminal }, how);
}

function settingsOf(places: Places): { readonly hasTerminal: boolean; readonly hasStdin: boolean } {
  using directory = openContainer(places);
  if (directory === undefined) return { hasTerminal: false, hasStdin: false };
  return readConfig(directory.number, places.name);
}
