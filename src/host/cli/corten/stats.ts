import { containerStats, type ContainerStats } from '../../engine/container-stats.ts';
import { findContainer } from '../../engine/find-container.ts';
import { listContainers } from '../../engine/list-containers.ts';
import { placesOf, type Roots } from '../../engine/roots.ts';
import { sleep } from '../../kernel/process.ts';
import { isTerminal } from '../../kernel/terminal.ts';
import type { Places } from '../../monitor/places.ts';
import type { CortenContext } from '../corten-context.ts';
import { FORMAT_FLAG, printList } from '../corten-format.ts';
import type { Options } from '../options.ts';
import { print } from '../runt-context.ts';
import { statsRow } from '../stats-row.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'stats [flags] [CONTAINER...]',
  summary: 'Shows what containers use of the machine, all that run unless some are named, until it is ended.',
  flags: {
    all: { kind: 'switch', short: 'a', help: 'those that do not run too' },
    'no-stream': { kind: 'switch', help: 'show it once' },
    'no-trunc': { kind: 'switch', help: 'shorten nothing' },
    format: FORMAT_FLAG,
  },
} as const;

const HEADERS = {
  Container: 'CONTAINER',
  ID: 'CONTAINER ID',
  Name: 'NAME',
  CPUPerc: 'CPU %',
  MemUsage: 'MEM USAGE / LIMIT',
  MemPerc: 'MEM %',
  NetIO: 'NET I/O',
  BlockIO: 'BLOCK I/O',
  PIDs: 'PIDS',
} as const;
const COLUMNS = ['ID', 'Name', 'CPUPerc', 'MemUsage', 'MemPerc', 'NetIO', 'BlockIO', 'PIDs'] as const;

/** Milliseconds between two looks; the first two are closer, since the first shows nothing. */
const INTERVAL = 1000;
const FIRST_INTERVAL = 250;
/** Clears the terminal and begins at its top. */
const CLEAR = '\x1b[2J\x1b[H';

type Seen = ReadonlyMap<string, ContainerStats>;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const isOnce = options.isOn('no-stream');
  const isDrawn = !isOnce && isTerminal(1);
  let before = look(chosen(roots, options));
  for (let interval = FIRST_INTERVAL; ; interval = INTERVAL) {
    sleep(interval);
    const containers = chosen(roots, options);
    const now = look(containers);
    if (isDrawn) print(CLEAR);
    show({ containers, before, now, options });
    if (isOnce) return 0;
    before = now;
  }
}

/** Anew at each look, since containers come and go. */
function chosen(roots: Roots, options: Options): readonly Places[] {
  if (options.rest.length > 0) return options.rest.map((wanted) => findContainer(roots, wanted));
  return listContainers(roots, options.isOn('all')).map(({ id, name }) => placesOf(roots, id, name));
}

function look(containers: readonly Places[]): Seen {
  const seen = new Map<string, ContainerStats>();
  for (const places of containers) {
    const stats = containerStats(places);
    if (stats !== undefined) seen.set(places.id, stats);
  }
  return seen;
}

interface Showing {
  readonly containers: readonly Places[];
  readonly before: Seen;
  readonly now: Seen;
  readonly options: Options;
}

function show({ containers, before, now, options }: Showing): void {
  const isWhole = options.isOn('no-trunc');
  const rows = containers.map((places) =>
    statsRow({ places, isWhole, before: before.get(places.id), now: now.get(places.id) }),
  );
  const form = { format: options.text('format'), isQuiet: false };
  printList({ rows, headers: HEADERS, columns: COLUMNS, identifier: 'ID' }, form);
}
