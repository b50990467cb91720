import { allVolumes, type ListedVolume } from '../../engine/volumes.ts';
import type { CortenContext } from '../corten-context.ts';
import { FORMAT_FLAG, printList } from '../corten-format.ts';
import { volumeFilter } from '../corten-volume-filters.ts';
import { parseVerb, refuseWords } from '../verb.ts';

const HELP = {
  usage: 'volume ls [flags]',
  summary: 'Lists the volumes.',
  flags: {
    quiet: { kind: 'switch', short: 'q', help: 'print names alone' },
    filter: {
      kind: 'list',
      short: 'f',
      value: 'KEY=VALUE',
      help: 'those alone that fit: name, label, driver, dangling=true',
    },
    format: FORMAT_FLAG,
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  refuseWords(options);
  const volumes = allVolumes(roots).filter(volumeFilter(options.list('filter')));
  printList(
    {
      rows: volumes.map(rowOf),
      headers: { Name: 'VOLUME NAME' },
      columns: ['Driver', 'Name'],
      identifier: 'Name',
    },
    { format: options.text('format'), isQuiet: options.isOn('quiet') },
  );
  return 0;
}

/** With the names that Docker's JSON has. */
function rowOf({ record, mountpoint, users }: ListedVolume) {
  const { name, labels } = record;
  return {
    Availability: 'N/A',
    Driver: 'local',
    Group: 'N/A',
    Labels: labels.map(([key, value]) => `${key}=${value}`).join(','),
    Links: String(users.length),
    Mountpoint: mountpoint,
    Name: name,
    Scope: 'local',
    Size: 'N/A',
    Status: 'N/A',
  };
}
