import { networkRoots } from '../../engine/roots.ts';
import { listNetworks, membersOf } from '../../network/manage-networks.ts';
import type { CortenContext } from '../corten-context.ts';
import { FILTER_FLAG, filtersFrom, hasLabels, truthOf, type Filters } from '../corten-filters.ts';
import { FORMAT_FLAG, printList } from '../corten-format.ts';
import { parseVerb, refuseWords } from '../verb.ts';

const HELP = {
  usage: 'network ls [flags]',
  summary: 'Lists the networks.',
  flags: {
    quiet: { kind: 'switch', short: 'q', help: 'print IDs alone' },
    'no-trunc': { kind: 'switch', help: 'shorten nothing' },
    filter: { ...FILTER_FLAG, help: 'only those that fit: name, id, driver, label, type, scope, dangling' },
    format: FORMAT_FLAG,
  },
} as const;

const HEADERS = {
  ID: 'NETWORK ID',
  Name: 'NAME',
  Driver: 'DRIVER',
  Scope: 'SCOPE',
  CreatedAt: 'CREATED AT',
  IPv6: 'IPV6',
  Internal: 'INTERNAL',
  Labels: 'LABELS',
} as const;
const KNOWN = ['name', 'id', 'driver', 'label', 'type', 'scope', 'dangling'];
const SHORT_ID = 12;
const NEVER = '0001-01-01T00:00:00Z';

/** With the names that Docker's JSON has. */
interface Row {
  readonly CreatedAt: string;
  readonly Driver: string;
  readonly ID: string;
  readonly IPv6: string;
  readonly Internal: string;
  readonly Labels: string;
  readonly Name: string;
  readonly Scope: string;
}

interface Listed {
  readonly row: Row;
  readonly labels: ReadonlyMap<string, string>;
  readonly isUsed: () => boolean;
  readonly isOurs: boolean;
}

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  refuseWords(options);
  const isWhole = options.isOn('no-trunc');
  const filters = filtersFrom(options.list('filter'), KNOWN);
  const place = networkRoots(roots);
  const own = listNetworks(place).map((record): Listed => ({
    row: {
      CreatedAt: record.created,
      Driver: record.driver,
      ID: isWhole ? record.id : record.id.slice(0, SHORT_ID),
      IPv6: String(record.subnets.some(({ subnet }) => subnet.includes(':'))),
      Internal: String(record.isInternal),
      Labels: record.labels.map(([key, value]) => `${key}=${value}`).join(','),
      Name: record.name,
      Scope: 'local',
    },
    labels: new Map(record.labels),
    isUsed: () => membersOf(place, record).length > 0,
    isOurs: record.name !== 'bridge',
  }));
  const listed = [...own, builtIn('host', 'host'), builtIn('none', 'null')].toSorted((a, b) =>
    a.row.Name < b.row.Name ? -1 : 1,
  );
  const rows = listed.filter((one) => fits(one, filters)).map(({ row }) => row);
  const form = { format: options.text('format'), isQuiet: options.isOn('quiet') };
  printList({ rows, headers: HEADERS, columns: ['ID', 'Name', 'Driver', 'Scope'], identifier: 'ID' }, form);
  return 0;
}

/** What is always there, and is no network of ours: the name serves as its ID. */
function builtIn(name: string, driver: string): Listed {
  const row = { CreatedAt: NEVER, Driver: driver, ID: name, IPv6: 'false', Internal: 'false' };
  return {
    row: { ...row, Labels: '', Name: name, Scope: 'local' },
    labels: new Map(),
    isUsed: () => true,
    isOurs: false,
  };
}

/** Values of one key are alternatives, but for labels. */
function fits({ row, labels, isUsed, isOurs }: Listed, filters: Filters): boolean {
  const any = (key: string, test: (value: string) => boolean): boolean =>
    filters.get(key)?.some(test) ?? true;
  return (
    any('name', (value) => row.Name.includes(value)) &&
    any('id', (value) => row.ID.startsWith(value)) &&
    any('driver', (value) => row.Driver === value) &&
    any('scope', (value) => row.Scope === value) &&
    any('type', (value) => (value === 'custom') === isOurs) &&
    any('dangling', (value) => truthOf('dangling', value) === (isOurs && !isUsed())) &&
    hasLabels(labels, filters.get('label') ?? [])
  );
}
