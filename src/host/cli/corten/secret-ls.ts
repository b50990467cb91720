import { listSecrets, type SecretRecord } from '../../engine/secrets.ts';
import type { CortenContext } from '../corten-context.ts';
import { FILTER_FLAG, filtersFrom } from '../corten-filters.ts';
import { FORMAT_FLAG, printList } from '../corten-format.ts';
import { agoText } from '../human-time.ts';
import { parseVerb, refuseWords } from '../verb.ts';

const HELP = {
  usage: 'secret ls [flags]',
  summary: 'Lists the secrets.',
  flags: {
    quiet: { kind: 'switch', short: 'q', help: 'print IDs alone' },
    filter: { ...FILTER_FLAG, help: 'only those that fit: name, id' },
    format: FORMAT_FLAG,
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  refuseWords(options);
  const filters = filtersFrom(options.list('filter'), ['name', 'id']);
  const fits = ({ name, id }: SecretRecord): boolean =>
    (filters.get('name')?.some((value) => name.includes(value)) ?? true) &&
    (filters.get('id')?.some((value) => id.startsWith(value)) ?? true);
  const now = Date.now();
  printList(
    {
      rows: listSecrets(roots)
        .filter(fits)
        .map((record) => rowOf(record, now)),
      headers: { ID: 'ID', Name: 'NAME', Driver: 'DRIVER', CreatedAt: 'CREATED', UpdatedAt: 'UPDATED' },
      columns: ['ID', 'Name', 'Driver', 'CreatedAt', 'UpdatedAt'],
      identifier: 'ID',
    },
    { format: options.text('format'), isQuiet: options.isOn('quiet') },
  );
  return 0;
}

/** With the names that podman's JSON has. */
function rowOf({ id, name, created, updated }: SecretRecord, now: number) {
  return {
    CreatedAt: agoText(created, now),
    Driver: 'file',
    ID: id,
    Name: name,
    UpdatedAt: agoText(updated, now),
  };
}
