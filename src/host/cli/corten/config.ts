import { SETTINGS_HELP } from '../../../pure/config/settings-help.ts';
import { describeSettings, readFiles, type ShownSetting } from '../../engine/describe-settings.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { print } from '../runt-context.ts';
import { parseVerb, refuseWords } from '../verb.ts';

const NAMES = Object.entries(SETTINGS_HELP)
  .map(([name, help]) => `  ${name.padEnd(24)}${help}\n`)
  .join('');

const HELP = {
  usage: 'config [flags]',
  summary: `Prints what holds, each setting with the file and line that says so. The settings:\n${NAMES.trimEnd()}`,
  flags: { format: { kind: 'text', value: 'json', help: 'as one JSON object' } },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  refuseWords(options);
  const shown = describeSettings(roots);
  const format = options.text('format');
  if (format !== undefined && format !== 'json')
    throw usageError(`The flag --format takes json, not "${format}"`);
  if (format === 'json') {
    const settings = Object.fromEntries(shown.map(({ name, ...rest }) => [name, rest]));
    print(`${JSON.stringify({ settings, files: readFiles() }, undefined, 2)}\n`);
  } else print(textOf(shown));
  return 0;
}

/** As a file of settings would have it, so that it can be one. */
function textOf(shown: readonly ShownSetting[]): string {
  const tables = Map.groupBy(shown, ({ name }) => name.slice(0, name.indexOf('.')));
  const width = Math.max(...shown.map((setting) => lineOf(setting).length));
  const blocks = [...tables].map(([table, settings]) => {
    const lines = settings.map((setting) => `${lineOf(setting).padEnd(width)}  # ${originOf(setting)}\n`);
    return `[${table}]\n${lines.join('')}`;
  });
  return `${blocks.join('\n')}\n# files that are read: ${readFiles().join(', ') || 'none'}\n`;
}

function lineOf({ name, value }: ShownSetting): string {
  return `${name.slice(name.indexOf('.') + 1)} = ${JSON.stringify(value)}`;
}

function originOf({ origin, line }: ShownSetting): string {
  return line === undefined ? origin : `${origin}:${line}`;
}
