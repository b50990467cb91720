import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { CORTEN, outcomeOf, type Engine, type Outcome } from '../engine/engine.ts';

const LIMIT_MS = 60_000;

/** One command of corten to its end, while servers of the test go on answering. */
export function call(
  engine: Engine,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const child = spawn(CORTEN, args, {
    env: { ...engine.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  return outcomeOf(child);
}

/** Another program, which has to succeed; its standard output. */
export async function runTool(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, {
    env: { PATH: process.env['PATH'], ...env },
    timeout: LIMIT_MS,
    maxBuffer: 1 << 28,
  });
  return stdout;
}
