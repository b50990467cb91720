import { createVolume } from '../../engine/volumes.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { labelFrom } from '../corten-labels.ts';
import { checkVolumeName } from '../settings/parse-volume.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'volume create [flags] [NAME]',
  summary: 'Makes a volume, and prints its name.',
  flags: {
    label: { kind: 'list', value: 'KEY=VALUE', help: 'note about the volume' },
    name: { kind: 'text', value: 'NAME', help: 'the same as the word NAME, as docker has it' },
    driver: { kind: 'text', short: 'd', value: 'local', help: 'there is no other driver' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const [name = '', ...more] = [...options.list('name'), ...options.rest];
  if (more.length > 0) throw usageError('Only one volume is made at a time');
  if (name !== '') checkVolumeName(name);
  const driver = options.text('driver') ?? 'local';
  if (driver !== 'local')
    throw usageError(`The driver "${driver}" is not supported by this version: leave --driver out`);
  print(`${createVolume(roots, { name, labels: options.list('label').map(labelFrom) })}\n`);
  return 0;
}
