import { listContainers } from '../../engine/list-containers.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { FILTER_FLAG } from '../corten-filters.ts';
import { FORMAT_FLAG, printList } from '../corten-format.ts';
import { rowOf, type Row } from '../container-row.ts';
import type { Options } from '../options.ts';
import { numberOf, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'ps [flags]',
  summary: 'Lists the containers that run, newest first.',
  flags: {
    all: { kind: 'switch', short: 'a', help: 'those that do not run too' },
    quiet: { kind: 'switch', short: 'q', help: 'print IDs alone' },
    last: { kind: 'text', short: 'n', value: 'NUMBER', help: 'the newest so many, running or not' },
    latest: { kind: 'switch', short: 'l', help: 'the newest alone, running or not' },
    size: { kind: 'switch', short: 's', help: 'with the bytes that each has written' },
    pod: { kind: 'switch', short: 'p', help: 'with the pod of each' },
    noheading: { kind: 'switch', help: 'without the titles of columns' },
    'no-trunc': { kind: 'switch', help: 'shorten nothing' },
    filter: {
      ...FILTER_FLAG,
      help: 'only those that fit: id, name, label, status, exited, ancestor, before, since, volume, pod and others',
    },
    format: FORMAT_FLAG,
  },
} as const;

const HEADERS = {
  ID: 'CONTAINER ID',
  Image: 'IMAGE',
  Command: 'COMMAND',
  CreatedAt: 'CREATED AT',
  RunningFor: 'CREATED',
  State: 'STATE',
  Status: 'STATUS',
  Ports: 'PORTS',
  Names: 'NAMES',
  Labels: 'LABELS',
  Mounts: 'MOUNTS',
  Networks: 'NETWORKS',
  LocalVolumes: 'LOCAL VOLUMES',
  Size: 'SIZE',
  Pod: 'POD ID',
  PodName: 'PODNAME',
} as const;
const COLUMNS = ['ID', 'Image', 'Command', 'RunningFor', 'Status', 'Ports', 'Names'] as const;

type Details = typeof import('../container-details.chunk.ts');

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length > 0) throw usageError(`ps takes no argument "${options.rest[0]}"`);
  const form = {
    format: options.text('format'),
    isQuiet: options.isOn('quiet'),
    hasHeading: !options.isOn('noheading'),
  };
  const isWhole = options.isOn('no-trunc');
  const limit = options.isOn('latest') ? 1 : numberOf(options, 'last');
  const filters = options.list('filter');
  const isAll = options.isOn('all') || limit !== undefined || filters.length > 0;
  const listed = listContainers(roots, isAll);
  const details = needsDetails(options) ? (load('cli/container-details.chunk.js') as Details) : undefined;
  const isWanted = details?.testFrom(roots, filters, {
    isAll: options.isOn('all') || limit !== undefined,
    listed,
  });
  const chosen = isWanted === undefined ? listed : listed.filter(isWanted);
  const now = Date.now();
  const hasSize = options.isOn('size');
  const rows = chosen.slice(0, limit).map((container): Row => {
    const row = rowOf(container, isWhole, now);
    return details === undefined ? row : details.withDetails(roots, row, { container, isWhole, hasSize });
  });
  const columns = [
    ...COLUMNS,
    ...(hasSize ? (['Size'] as const) : []),
    ...(options.isOn('pod') ? (['Pod', 'PodName'] as const) : []),
  ];
  printList({ rows, headers: HEADERS, columns, identifier: 'ID' }, form);
  return 0;
}

/** A table needs nothing but what the journals say. */
function needsDetails(options: Options): boolean {
  const format = options.text('format');
  const isPlain = format === undefined || format === 'table';
  return !isPlain || options.isOn('size') || options.isOn('pod') || options.list('filter').length > 0;
}
