import { containerChanges } from '../../engine/container-changes.ts';
import { findContainer } from '../../engine/find-container.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { print } from '../runt-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'diff [flags] CONTAINER',
  summary: "Shows what a container changed in its image's files: A for added, C for changed, D for deleted.",
  flags: { format: { kind: 'text', value: 'json', help: 'as one JSON object of three lists' } },
} as const;

const LETTERS = { added: 'A', modified: 'C', deleted: 'D' } as const;
const LISTS = { added: 'added', modified: 'changed', deleted: 'deleted' } as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const format = options.text('format');
  if (format !== undefined && format !== 'json')
    throw usageError(`diff prints its lines or json, not "${format}"`);
  const changes = containerChanges(roots, findContainer(roots, onlyWord(options, 'container')));
  const shown = changes.map(({ kind, path }) => ({ kind, path: `/${utf8(path)}` }));
  if (format === 'json') {
    const lists: Record<string, string[]> = {};
    for (const { kind, path } of shown) (lists[LISTS[kind]] ??= []).push(path);
    print(`${JSON.stringify(lists)}\n`);
  } else {
    print(shown.map(({ kind, path }) => `${LETTERS[kind]} ${onOneLine(path)}\n`).join(''));
  }
  return 0;
}

/** A container names its files as it likes. */
function onOneLine(path: string): string {
  return path.replace(
    /[\x00-\x1f\x7f-\x9f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
