import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CORTEN, type Engine } from './engine.ts';

export interface Blow {
  readonly call: string;
  /** The n-th call of any one process. */
  readonly number: number;
  /** `signal=KILL` or `error=NAME`, as strace has it. */
  readonly what: string;
  /** Milliseconds after which whatever the command left running is traced no longer. */
  readonly patience?: number;
}

/** Runs corten under strace, which strikes whichever process makes that call; what came, if any was struck. */
export function struck(
  engine: Engine,
  { call, number, what, patience = 20_000 }: Blow,
  args: readonly string[],
): { readonly code: number | null } | undefined {
  const trace = join(engine.folder, 'trace');
  const injection = `inject=${call}:${what}:when=${number}`;
  const { status } = spawnSync(
    'strace',
    ['-f', '-o', trace, '-e', `trace=${call}`, '-e', injection, CORTEN, ...args],
    {
      env: engine.env,
      timeout: patience,
      killSignal: 'SIGKILL',
      input: '',
    },
  );
  return /killed by SIGKILL|\(INJECTED\)/.test(textOf(trace)) ? { code: status } : undefined;
}

/** Empty where there is no such file. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
