import type { CortenContext } from '../corten-context.ts';
import { GROUPED_VERBS, GROUPS, VERBS } from '../corten-verbs.ts';
import { print } from '../runt-context.ts';

const INTRODUCTION = 'corten COMMAND [ARG...]\n\nRuns containers, without a daemon.\n';
const FLAGS = 'Flags:\n  -h, --help      print this help\n  -v, --version   print the version\n';
const END = 'corten COMMAND --help tells the flags of a command.\n';

export function main({ words: [name] }: CortenContext): number {
  const group = GROUPS.get(name ?? '');
  if (group !== undefined) print(`corten ${name} COMMAND [ARG...]\n\nCommands:\n${linesOf(group)}`);
  else print(`${INTRODUCTION}\nCommands:\n${linesOf(VERBS)}\n${FLAGS}\n${END}`);
  return 0;
}

function linesOf(verbs: ReadonlyMap<string, string>): string {
  return [...verbs]
    .map(
      ([name, text]) =>
        `  ${name.padEnd(10)}${VERBS.get(text) ?? GROUPED_VERBS.get(text) ?? VERBS.get(name) ?? text}\n`,
    )
    .join('');
}
