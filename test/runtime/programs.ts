import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** runt itself, or a wrapper of it that `npm run test:degraded` makes. */
export const RUNT =
  process.env['CORTEN_TEST_RUNT'] ?? fileURLToPath(new URL('../../bin/runt', import.meta.url));
const LIMIT_MS = 30_000;

/** Debian's crun refuses a hybrid host, so it runs where the v2 part is out of sight. */
const CRUN = [
  'unshare',
  '-m',
  '--propagation',
  'private',
  'sh',
  '-c',
  'cd /sys/fs/cgroup && if [ -d unified ]; then umount unified && mount -t tmpfs tmpfs unified; fi; cd "$OLDPWD"; exec "$@"',
  'sh',
  'crun',
];

export type RuntimeName = 'runt' | 'crun' | 'runc';

export interface Outcome {
  /** As a shell gives it: 128 + the signal. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Descriptors from 3 on. */
  readonly descriptors?: readonly number[];
}

/** Files and not pipes: what stays behind in a container would hold those open. */
export function runCommand(command: readonly string[], running: Running = {}): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'runt-out-'));
  const [out, err] = [openSync(join(folder, 'out'), 'w'), openSync(join(folder, 'err'), 'w')];
  const [program = '', ...args] = command;
  try {
    const { status, signal, error } = spawnSync(program, args, {
      stdio: [running.input === undefined ? 'ignore' : 'pipe', out, err, ...(running.descriptors ?? [])],
      ...(running.input === undefined ? {} : { input: running.input }),
      ...(running.cwd === undefined ? {} : { cwd: running.cwd }),
      ...(running.env === undefined ? {} : { env: running.env }),
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    // EPIPE: a program need not read its input.
    const isFine = error === undefined || ('code' in error && error.code === 'EPIPE');
    assert.ok(isFine, `${command.join(' ')}: ${String(error)}`);
    assert.equal(signal, null, `${command.join(' ')} was ended by ${signal}`);
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
    return { code: status ?? -1, stdout: read('out'), stderr: read('err') };
  } finally {
    closeSync(out);
    closeSync(err);
    rmSync(folder, { recursive: true });
  }
}

/** A command that others go on beside. */
export interface Spawned {
  readonly pid: number;
  /** What it has printed so far. */
  readonly printed: () => string;
  readonly outcome: Promise<Outcome>;
}

/** As runCommand() without waiting for it. */
export function spawnCommand(command: readonly string[], running: Running = {}): Spawned {
  const folder = mkdtempSync(join(tmpdir(), 'runt-out-'));
  const [out, err] = [openSync(join(folder, 'out'), 'w'), openSync(join(folder, 'err'), 'w')];
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    stdio: ['ignore', out, err, ...(running.descriptors ?? [])],
    ...(running.cwd === undefined ? {} : { cwd: running.cwd }),
    ...(running.env === undefined ? {} : { env: running.env }),
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  const outcome = async (): Promise<Outcome> => {
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    const result = { code: code ?? -1, stdout: read('out'), stderr: read('err') };
    closeSync(out);
    closeSync(err);
    rmSync(folder, { recursive: true });
    assert.equal(signal, null, `${command.join(' ')} was ended by ${signal}`);
    return result;
  };
  return { pid: child.pid ?? 0, printed: () => read('out'), outcome: outcome() };
}

/** One of the runtimes with its state in a directory of its own below `folder`. */
export function runtime(
  name: RuntimeName,
  folder: string,
): (args: readonly string[], running?: Running) => Outcome {
  const program = name === 'runt' ? [RUNT] : name === 'crun' ? CRUN : ['runc'];
  return (args, running) =>
    runCommand([...program, '--root', join(folder, `state-${name}`), ...args], running);
}
