import { attempt, sys } from '../../kernel/call.ts';
import { F, O, POLL, X_OK } from '../../kernel/constants.ts';
import { encode, Fd, readAll } from '../../kernel/files.ts';
import { leaveCgroups } from '../../kernel/leave-cgroups.ts';
import { cStrings, exit, exitCode, fork, pipe, waitFor } from '../../kernel/process.ts';
import { unblockAllSignals } from '../../kernel/signals.ts';
import { networkError } from '../errors.ts';

export interface PluginCall {
  readonly type: string;
  /** Folders with plugins. */
  readonly path: readonly string[];
  /** `NAME=value` each, of the protocol. */
  readonly variables: readonly string[];
  readonly config: object;
}

const OUTPUT_LIMIT = 1 << 20;
const LAST_FD = 0xffffffff;
const SYSTEM_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Runs a plugin with its configuration as standard input (CNI specification 1.1.0, section 2); what it prints. Throws
 * NETWORK_CNI_MISSING, and NETWORK_CNI_FAILED with the plugin's own words.
 */
export function runPlugin(call: PluginCall): unknown {
  const program = call.path
    .map((folder) => `${folder}/${call.type}`)
    .find((one) => attempt('access', one, X_OK) === 0);
  if (program === undefined) {
    const text = `The CNI plugin ${call.type} is not in ${call.path.join(', ')}: install containernetworking-plugins, or name its folder by CNI_PATH`;
    throw networkError('NETWORK_CNI_MISSING', text);
  }
  const { code, text } = runProgram(program, call);
  const output = parseOutput(text);
  if (code === 0) return output;
  const said = messageIn(output) ?? (text.trim().slice(0, 500) || `it ended with code ${code}`);
  throw networkError('NETWORK_CNI_FAILED', `The CNI plugin ${call.type} failed: ${said}`);
}

function runProgram(
  program: string,
  { variables, config }: PluginCall,
): { readonly code: number; readonly text: string } {
  const [inputReading, inputWriting] = pipe();
  const [outputReading, outputWriting] = pipe();
  const pid = fork();
  if (pid === 0) become(program, variables, [inputReading, outputWriting]);
  attempt('close', inputReading);
  attempt('close', outputWriting);
  using output = new Fd(outputReading);
  writeInput(inputWriting, encode(JSON.stringify(config)));
  const content = readAll(output.number, OUTPUT_LIMIT);
  return { code: exitCode(waitFor(pid)), text: utf8(content, 0, content.length) };
}

/** A plugin need not read all of it: without a reader the rest is dropped, and SIGPIPE is blocked or ignored. */
function writeInput(fd: number, content: Uint8Array): void {
  sys('fcntl', fd, F.SETFL, O.NONBLOCK | O.WRONLY);
  for (let at = 0; at < content.length;) {
    const table = new Int32Array([fd, POLL.OUT]);
    if (attempt('poll', table, 1, -1) < 0) continue;
    const count =
      (((table[1] ?? 0) >>> 16) & POLL.ERR) !== 0
        ? -1
        : attempt('write', fd, content.subarray(at), content.length - at);
    if (count < 0) break;
    at += count;
  }
  attempt('close', fd);
}

/** In the child: nothing it throws may reach the parent's frames. */
function become(
  program: string,
  variables: readonly string[],
  [input, output]: readonly [number, number],
): never {
  try {
    leaveCgroups();
    const nothing = sys('open', '/dev/null', O.RDWR, 0);
    sys('dup3', input, 0, 0);
    sys('dup3', output, 1, 0);
    sys('dup3', nothing, 2, 0);
    attempt('close_range', 3, LAST_FD, 0);
    unblockAllSignals();
    const args = cStrings([program]);
    const env = cStrings([SYSTEM_PATH, ...variables]);
    attempt('execve', program, args.pointers, env.pointers);
  } finally {
    exit(127);
  }
}

function parseOutput(text: string): unknown {
  try {
    return text.trim() === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Section 5 of the specification: `msg`, and `details` if there are any. */
function messageIn(output: unknown): string | undefined {
  if (typeof output !== 'object' || output === null || !('msg' in output)) return undefined;
  const details =
    'details' in output && typeof output.details === 'string' && output.details !== ''
      ? `; ${output.details}`
      : '';
  return `${String(output.msg)}${details}`;
}
