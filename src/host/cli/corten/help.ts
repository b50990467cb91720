import type { CortenContext } from '../corten-context.ts';
import { GROUPED_VERBS } from '../corten-grouped-verbs.ts';
import { GROUPS } from '../corten-groups.chunk.ts';
import { VERBS } from '../corten-verbs.ts';
import { print } from '../runt-context.ts';

const INTRODUCTION = 'corten COMMAND [ARG...]\n\nRuns containers, without a daemon.\n';
const WIDTH = 12;
const FIRST_STEPS = `First steps:
  corten run -it --rm IMAGE sh          a shell in a container that goes with it
  corten run -d --name web -p 8080:80 IMAGE   one that runs on, reached at port 8080
  corten ps, corten logs -f web         what runs, and what it says
  corten exec -it web sh                a shell beside its program
  corten stop web, corten rm web        its end
`;
const FLAGS =
  'Flags:\n  -h, --help      print this help\n  -v, --version   print the version\n      --runtime PROGRAM   for run and create: the OCI runtime to use\n';
const END = 'corten COMMAND --help tells the flags of a command.\n';

export function main({ words: [name] }: CortenContext): number {
  const group = GROUPS.get(name ?? '');
  if (group !== undefined) print(`corten ${name} COMMAND [ARG...]\n\nCommands:\n${linesOf(group)}`);
  else print(`${INTRODUCTION}\n${FIRST_STEPS}\nCommands:\n${linesOf(VERBS)}\n${groups()}\n${FLAGS}\n${END}`);
  return 0;
}

/** The same commands as others order them. */
function groups(): string {
  const lines = [...GROUPS].map(
    ([name, verbs]) => `  ${name.padEnd(WIDTH)}${[...verbs.keys()].join(', ')}\n`,
  );
  return `By what they are about:\n${lines.join('')}`;
}

function linesOf(verbs: ReadonlyMap<string, string>): string {
  return [...verbs]
    .map(
      ([name, text]) =>
        `  ${name.padEnd(WIDTH)}${VERBS.get(text) ?? GROUPED_VERBS.get(text) ?? VERBS.get(name) ?? text}\n`,
    )
    .join('');
}
