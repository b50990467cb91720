import { allVolumes, shapeOf } from '../../engine/volumes.ts';
import type { CortenContext } from '../corten-context.ts';
import { isJson, jsonLines } from '../corten-format.ts';
import { volumeFilter } from '../corten-volume-filters.ts';
import { print } from '../runt-context.ts';
import { table } from '../table.ts';
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
    format: { kind: 'text', value: 'json', help: 'one JSON object a line' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  refuseWords(options);
  const asJson = isJson(options.text('format'));
  const volumes = allVolumes(roots).filter(volumeFilter(options.list('filter')));
  if (options.isOn('quiet')) print(volumes.map(({ record }) => `${record.name}\n`).join(''));
  else if (asJson) print(jsonLines(volumes.map(shapeOf)));
  else print(table([['DRIVER', 'VOLUME NAME'], ...volumes.map(({ record }) => ['local', record.name])]));
  return 0;
}
