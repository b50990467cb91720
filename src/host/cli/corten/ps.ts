import { listContainers, type ListedContainer } from '../../engine/list-containers.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { isJson, jsonLines } from '../corten-format.ts';
import { ageOf } from '../human-time.ts';
import { print } from '../runt-context.ts';
import { table } from '../table.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'ps [flags]',
  summary: 'Lists the containers that run, newest first.',
  flags: {
    all: { kind: 'switch', short: 'a', help: 'those that do not run too' },
    quiet: { kind: 'switch', short: 'q', help: 'print IDs alone' },
    'no-trunc': { kind: 'switch', help: 'shorten nothing' },
    format: { kind: 'text', value: 'json', help: 'one JSON object a line' },
  },
} as const;

const HEADER = ['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES'];
const SHORT_ID = 12;
const SHORT_COMMAND = 20;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length > 0) throw usageError(`ps takes no argument "${options.rest[0]}"`);
  const isWhole = options.isOn('no-trunc');
  const asJson = isJson(options.text('format'));
  const now = Date.now();
  const rows = listContainers(roots, options.isOn('all')).map((container) => rowOf(container, isWhole, now));
  if (options.isOn('quiet')) print(rows.map(({ ID }) => `${ID}\n`).join(''));
  else if (asJson) print(jsonLines(rows));
  else
    print(
      table([
        HEADER,
        ...rows.map((row) => [
          row.ID,
          row.Image,
          row.Command,
          row.RunningFor,
          row.Status,
          row.Ports,
          row.Names,
        ]),
      ]),
    );
  return 0;
}

/** With the names that Docker's JSON has. */
interface Row {
  readonly ID: string;
  readonly Image: string;
  readonly Command: string;
  readonly CreatedAt: string;
  readonly RunningFor: string;
  readonly State: string;
  readonly Status: string;
  readonly Ports: string;
  readonly Names: string;
}

function rowOf(container: ListedContainer, isWhole: boolean, now: number): Row {
  const { id, image, command, created, state, name } = container;
  const isLong = !isWhole && command.length > SHORT_COMMAND;
  return {
    ID: isWhole ? id : id.slice(0, SHORT_ID),
    Image: image,
    Command: JSON.stringify(isLong ? `${command.slice(0, SHORT_COMMAND - 1)}…` : command),
    CreatedAt: created,
    RunningFor: created === '' ? '' : `${ageOf(created, now)} ago`,
    State: state,
    Status: statusText(container, now),
    Ports: container.ports,
    Names: name,
  };
}

function statusText({ state, started, finished, exitCode }: ListedContainer, now: number): string {
  switch (state) {
    case 'created':
      return 'Created';
    case 'running':
      return `Up ${ageOf(started ?? '', now)}`;
    case 'exited':
      return `Exited (${exitCode}) ${ageOf(finished ?? '', now)} ago`;
    case 'lost':
      return 'Lost (its monitor was killed)';
  }
}
