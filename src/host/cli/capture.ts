import { CortenError } from '../../pure/base/errors.ts';
import { attempt, sys } from '../kernel/call.ts';
import { Fd, readAll } from '../kernel/files.ts';
import { cStrings, exit, exitCode, fork, pipe, waitFor } from '../kernel/process.ts';

const OUTPUT_LIMIT = 64 << 20;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What a program of the host prints; throws if it can't be run or fails. */
export function capture(program: string, args: readonly string[]): string {
  const [reading, writing] = pipe();
  const pid = fork();
  if (pid === 0) become(program, args, writing);
  attempt('close', writing);
  using output = new Fd(reading);
  const content = readAll(output.number, OUTPUT_LIMIT);
  const code = exitCode(waitFor(pid));
  if (code === 0) return utf8(content, 0, content.length);
  const text =
    code === 127
      ? `The program ${program} is not installed`
      : `The program ${program} failed with code ${code}`;
  throw new CortenError('failed_precondition', 'CLI_PROGRAM_FAILED', text);
}

/** In the child: nothing it throws may reach the parent's frames. */
function become(program: string, args: readonly string[], output: number): never {
  try {
    sys('dup3', output, 1, 0);
    const argv = cStrings([program, ...args]);
    const env = cStrings(environ());
    for (const directory of PATH.split(':'))
      attempt('execve', `${directory}/${program}`, argv.pointers, env.pointers);
  } finally {
    exit(127);
  }
}
