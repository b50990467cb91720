import { attempt, sys } from '../../kernel/call.ts';
import { Fd, readAll } from '../../kernel/files.ts';
import { cStrings, exit, exitCode, fork, pipe, waitFor } from '../../kernel/process.ts';
import { engineError } from '../errors.ts';
import { memoryInput } from '../node/memory-input.ts';
import { variableOf } from './variable.ts';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const MAX_ANSWER = 1 << 20;
const NOT_INSTALLED = 127;
/** docker-credential-helpers credentials/error.go: the words by which a helper says that it has nothing. */
const NOTHING = /credentials not found in native keychain|no credentials server URL/;

export type HelperVerb = 'get' | 'store' | 'erase';

/**
 * What a credential helper answers (docker-credential-helpers' protocol: a word as argument, the input on standard
 * input). Undefined when it has nothing to give.
 */
export function askHelper(name: string, verb: HelperVerb, input: string): string | undefined {
  const program = `docker-credential-${name}`;
  const { code, output } = run([program, verb], input);
  if (code === 0) return output;
  if (NOTHING.test(output)) return undefined;
  const text =
    code === NOT_INSTALLED
      ? `The credential helper ${program} is not in PATH: install it, or take it out of the configuration`
      : `The credential helper ${program} failed with code ${code} (${output.trim().slice(0, 200)})`;
  throw engineError('ENGINE_CREDENTIAL_HELPER', text);
}

function run(words: readonly string[], input: string): { readonly code: number; readonly output: string } {
  const [reading, writing] = pipe();
  using given = memoryInput(input);
  const pid = fork();
  if (pid === 0) become(words, given.number, writing);
  attempt('close', writing);
  using output = new Fd(reading);
  const content = readAll(output.number, MAX_ANSWER);
  return { code: exitCode(waitFor(pid)), output: utf8(content, 0, content.length) };
}

/** In the child: nothing it throws may reach the parent's frames. */
function become(words: readonly string[], input: number, output: number): never {
  try {
    sys('dup3', input, 0, 0);
    sys('dup3', output, 1, 0);
    const argv = cStrings(words);
    const env = cStrings(environ());
    const path = variableOf(environ(), 'PATH') ?? DEFAULT_PATH;
    for (const directory of path.split(':')) {
      if (directory.startsWith('/'))
        attempt('execve', `${directory}/${words[0]}`, argv.pointers, env.pointers);
    }
  } finally {
    exit(NOT_INSTALLED);
  }
}
