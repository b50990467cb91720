import type { CortenContext } from '../corten-context.ts';
import { GROUPED_VERBS } from '../corten-grouped-verbs.ts';
import { ALIASES, GROUPS } from '../corten-groups.chunk.ts';
import { VERBS } from '../corten-verbs.ts';
import { FLAGS_WORD } from '../verb.ts';
import { namesFor } from '../completion-names.ts';
import { print } from '../runt-context.ts';

interface Candidate {
  readonly word: string;
  readonly help: string;
}

/** For the shells' scripts: what may stand where the last word is, a line each, with what it is after a tab. */
export function main({ roots, words }: CortenContext): number {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const candidates = candidatesFor({ roots, words: before }, current);
  print(
    candidates
      .filter(({ word }) => word.startsWith(current))
      .map(({ word, help }) => `${word}\t${help}\n`)
      .join(''),
  );
  return 0;
}

function candidatesFor({ roots, words }: CortenContext, current: string): readonly Candidate[] {
  const [first, second] = words;
  if (first === undefined) return commands();
  const group = GROUPS.get(first);
  if (group !== undefined && second === undefined) {
    return [...group].map(([word, verb]) => ({
      word,
      help: VERBS.get(verb) ?? GROUPED_VERBS.get(verb) ?? '',
    }));
  }
  const verb = group === undefined ? (ALIASES.get(first) ?? first) : group.get(second ?? '');
  if (verb === undefined || !(VERBS.has(verb) || GROUPED_VERBS.has(verb))) return [];
  const rest = words.slice(group === undefined ? 1 : 2);
  if (current.startsWith('-') && !rest.includes('--')) {
    printFlags(verb, current);
    return [];
  }
  return namesFor(roots, verb, rest).map((word) => ({ word, help: '' }));
}

function commands(): readonly Candidate[] {
  const groups = [...GROUPS.keys()].map((word) => ({ word, help: 'commands by what they are about' }));
  return [...[...VERBS].map(([word, help]) => ({ word, help })), ...groups];
}

/** The verb knows its flags, and prints those that begin so. */
function printFlags(verb: string, current: string): void {
  const { main: run } = load(`cli/corten/${verb}.js`) as {
    readonly main: (context: CortenContext) => number;
  };
  run({ roots: { store: '', run: '' }, words: [FLAGS_WORD, current] });
}
