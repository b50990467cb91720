import type { CortenContext } from '../corten-context.ts';
import { GROUPED_VERBS } from '../corten-grouped-verbs.ts';
import { GROUPS, VERBS } from '../corten-verbs.ts';
import { print } from '../runt-context.ts';

const INTRODUCTION = 'corten COMMAND [ARG...]\n\nRuns containers, without a daemon.\n';
const FLAGS =
  'Flags:\n  -h, --help      print this help\n  -v, --version   print the version\n      --runtime PROGRAM   for run and create: the OCI runtime to use\n';
const END = 'corten COMMAND --help tells the flags of a command.\n';

export function main({ words: [name] }: CortenContext): number {
  const group = GROUPS.get(name ?? '');
  if (group !== undefined) print(`corten ${name} COMMAND [ARG...]\n\nCommands:\n${linesOf(group)}`);
  else print(`${INTRODUCTION}\nCommands:\n${linesOf(VERBS)}\n${groups()}\n${FLAGS}\n${END}`);
  return 0;
}

/** The same commands as others order them. */
function groups(): string {
  const lines = [...GROUPS].map(([name, verbs]) => `  ${name.padEnd(10)}${[...verbs.keys()].join(', ')}\n`);
  return `By what they are about:\n${lines.join('')}`;
}

function linesOf(verbs: ReadonlyMap<string, string>): string {
  return [...verbs]
    .map(
      ([name, text]) =>
        `  ${name.padEnd(10)}${VERBS.get(text) ?? GROUPED_VERBS.get(text) ?? VERBS.get(name) ?? text}\n`,
    )
    .join('');
}
