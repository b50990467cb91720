import { listPods, type ListedPod } from '../../engine/list-pods.ts';
import type { CortenContext } from '../corten-context.ts';
import { FILTER_FLAG } from '../corten-filters.ts';
import { FORMAT_FLAG, printList } from '../corten-format.ts';
import type { Options } from '../options.ts';
import { podFilter } from '../pod-filters.ts';
import { PODS_FLAGS } from '../corten-pods.ts';
import { podRow } from '../pod-row.ts';
import { parseVerb, refuseWords } from '../verb.ts';
import { usageError } from '../corten-context.ts';

const HELP = {
  usage: 'pod ps [flags]',
  summary: 'Lists the pods, newest first.',
  flags: {
    latest: PODS_FLAGS.latest,
    quiet: { kind: 'switch', short: 'q', help: 'print IDs alone' },
    'no-trunc': { kind: 'switch', help: 'shorten nothing' },
    noheading: { kind: 'switch', help: 'without the titles of columns' },
    'ctr-ids': { kind: 'switch', help: 'with the IDs of its containers' },
    'ctr-names': { kind: 'switch', help: 'with the names of its containers' },
    'ctr-status': { kind: 'switch', help: 'with the states of its containers' },
    sort: {
      kind: 'text',
      value: 'created|id|name|status|number',
      help: 'in this order: created unless given',
    },
    filter: {
      ...FILTER_FLAG,
      help: 'only those that fit: id, name, label, status, network, ctr-ids, ctr-names, ctr-number, ctr-status, until',
    },
    format: FORMAT_FLAG,
  },
} as const;

const HEADERS = {
  ID: 'POD ID',
  Name: 'NAME',
  Status: 'STATUS',
  Created: 'CREATED',
  NumberOfContainers: '# OF CONTAINERS',
  ContainerIDs: 'IDS',
  ContainerNames: 'NAMES',
  ContainerStatuses: 'STATUS',
  Labels: 'LABELS',
  Networks: 'NETWORKS',
  Cgroup: 'CGROUP',
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  refuseWords(options);
  const fits = podFilter(options.list('filter'));
  const listed = listPods(roots).filter(fits);
  const chosen = options.isOn('latest')
    ? listed.slice(0, 1)
    : sorted(listed, options.text('sort') ?? 'created');
  const now = Date.now();
  const rows = chosen.map((pod) => podRow(pod, options.isOn('no-trunc'), now));
  const form = {
    format: options.text('format'),
    isQuiet: options.isOn('quiet'),
    hasHeading: !options.isOn('noheading'),
  };
  printList({ rows, headers: HEADERS, columns: columnsOf(options), identifier: 'ID' }, form);
  return 0;
}

function columnsOf(options: Options): readonly (keyof typeof HEADERS)[] {
  return [
    'ID',
    'Name',
    'Status',
    'Created',
    'NumberOfContainers',
    ...(options.isOn('ctr-ids') ? ['ContainerIDs' as const] : []),
    ...(options.isOn('ctr-names') ? ['ContainerNames' as const] : []),
    ...(options.isOn('ctr-status') ? ['ContainerStatuses' as const] : []),
  ];
}

function sorted(pods: readonly ListedPod[], order: string): readonly ListedPod[] {
  const by = (key: (pod: ListedPod) => string | number): readonly ListedPod[] =>
    pods.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
  switch (order) {
    case 'created':
      return pods;
    case 'id':
      return by(({ id }) => id);
    case 'name':
      return by(({ name }) => name);
    case 'status':
      return by(({ state }) => state);
    case 'number':
      return by(({ members }) => members.length);
    default:
      throw usageError(`The flag --sort takes created, id, name, status or number, not "${order}"`);
  }
}
