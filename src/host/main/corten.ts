import { isCortenError } from '../../pure/base/errors.ts';
import { rootsFrom } from '../engine/roots.ts';
import { attempt } from '../kernel/call.ts';
import { F, O } from '../kernel/constants.ts';
import { EXIT, reportError, type CortenContext } from '../cli/corten-context.ts';
import { parseOptions, type FlagTable } from '../cli/options.ts';

const FLAGS: FlagTable = {
  help: { kind: 'switch', short: 'h', help: 'print this help' },
  version: { kind: 'switch', short: 'v', help: 'print the version' },
  runtime: { kind: 'text', value: 'PROGRAM', help: 'for run and create: the OCI runtime to use' },
};

/** What takes the flag --runtime before it as its own. */
const MAKING: readonly string[] = ['run', 'create'];

/** What the shells' completion asks. */
const COMPLETE = '__complete';

interface Verb {
  readonly main: (context: CortenContext) => number;
}

export function main(): number {
  holdStandardStreams();
  try {
    // The host wants an integer, and a number that came as JSON need not be stored as one.
    return runVerb(argv.slice(1)) | 0;
  } catch (error) {
    reportError(error);
    return isUsage(error) ? EXIT.ENGINE : EXIT.FAILED;
  }
}

/** A descriptor below 3 that is closed would be given to the next file opened, and so to the container. */
function holdStandardStreams(): void {
  for (const stream of [0, 1, 2]) {
    if (attempt('fcntl', stream, F.GETFD, 0) < 0) attempt('open', '/dev/null', O.RDWR, 0);
  }
}

function isUsage(error: unknown): boolean {
  return isCortenError(error) && error.code.startsWith('CLI_');
}

function runVerb(given: readonly string[]): number {
  const options = parseOptions(given, FLAGS);
  const [first, ...others] = options.rest;
  const [name = '--help', ...words] = first === 'help' ? wordsForHelp(others) : options.rest;
  if (options.isOn('version'))
    return loadVerb('version').main({ roots: rootsFrom(environ()), words: ['--short'] });
  if (options.isOn('help') || name === '--help') return help([]);
  const { verb, rest } = resolve(name, words);
  if (verb === undefined) return help([name]);
  const runtime = options.text('runtime');
  const own = runtime !== undefined && MAKING.includes(verb) ? [`--runtime=${runtime}`, ...rest] : rest;
  return loadVerb(verb).main({ roots: rootsFrom(environ()), words: own });
}

/** What follows the command of `help run …` is none of the command's own. */
function wordsForHelp([name, sub]: readonly string[]): readonly string[] {
  if (name === undefined) return [];
  return sub !== undefined && !isVerb(name) && groups().GROUPS.has(name)
    ? [name, sub, '--help']
    : [name, '--help'];
}

/** `image ls` is `images`, and so on; undefined for a group without a word of its own. */
function resolve(
  name: string,
  words: readonly string[],
): { readonly verb: string | undefined; readonly rest: readonly string[] } {
  if (isVerb(name)) return { verb: name, rest: words };
  const { ALIASES, GROUPS } = groups();
  const group = GROUPS.get(name);
  const alias = ALIASES.get(name);
  if (alias !== undefined) return { verb: alias, rest: words };
  if (group === undefined) throw unknownVerbs().unknownVerb(name);
  const [sub = '--help', ...rest] = words;
  if (sub === '--help' || sub === '-h') return { verb: undefined, rest };
  const verb = group.get(sub);
  if (verb !== undefined) return { verb, rest };
  throw unknownVerbs().unknownInGroup(name, sub);
}

/** As the executable's chunks have it; those with a dash stand in a group alone. */
function isVerb(name: string): boolean {
  if (name === COMPLETE) return true;
  if (!/^[a-z]+$/.test(name)) return false;
  try {
    loadVerb(name);
    return true;
  } catch (error) {
    if (error instanceof ReferenceError) return false;
    throw error;
  }
}

function groups(): typeof import('../cli/corten-groups.chunk.ts') {
  return load('cli/corten-groups.chunk.js') as typeof import('../cli/corten-groups.chunk.ts');
}

function unknownVerbs(): typeof import('../cli/unknown-verb.chunk.ts') {
  return load('cli/unknown-verb.chunk.js') as typeof import('../cli/unknown-verb.chunk.ts');
}

function loadVerb(name: string): Verb {
  return load(`cli/corten/${name}.js`) as unknown as Verb;
}

function help(words: readonly string[]): number {
  return loadVerb('help').main({ roots: { store: '', run: '' }, words });
}
