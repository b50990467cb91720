import { createSecret, secretFromFile } from '../../engine/secrets.ts';
import { encode } from '../../kernel/files.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { labelFrom } from '../corten-labels.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  flagPlace: 'anywhere',
  usage: 'secret create [flags] NAME FILE|-',
  summary: 'Keeps a secret for containers, from a file or standard input.',
  flags: {
    env: { kind: 'switch', help: 'take it from the variable that stands in the place of FILE' },
    label: { kind: 'list', short: 'l', value: 'KEY=VALUE', help: 'note about the secret' },
    replace: { kind: 'switch', help: 'in the place of one that has the name' },
    driver: { kind: 'text', short: 'd', value: 'file', help: 'accepted for compatibility: file' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const [name, source, ...more] = options.rest;
  if (name === undefined || source === undefined || more.length > 0)
    throw usageError('Name a secret and the file that holds it, or - for standard input');
  const driver = options.text('driver') ?? 'file';
  if (driver !== 'file')
    throw usageError(`The driver "${driver}" of secrets is unknown: there is file alone`);
  const data = options.isOn('env') ? fromVariable(source) : secretFromFile(source);
  const isReplacing = options.isOn('replace');
  const labels = options.list('label').map(labelFrom);
  print(`${createSecret(roots, { name, labels, data, isReplacing })}\n`);
  return 0;
}

function fromVariable(name: string): Uint8Array {
  const found = environ().find((variable) => variable.startsWith(`${name}=`));
  if (found === undefined)
    throw usageError(`The variable ${name} is not set, so that no secret can be made of it`);
  return encode(found.slice(name.length + 1));
}
