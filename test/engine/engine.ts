import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addBusybox } from './images.ts';

export const CORTEN = fileURLToPath(new URL('../../bin/corten', import.meta.url));
/** A machine of software takes longer. */
const SLOWNESS = process.env['CORTEN_VM'] === undefined ? 1 : 8;
const LIMIT_MS = 30_000 * SLOWNESS;
const CGROUPS = '/sys/fs/cgroup';

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** Standard output as text. */
  readonly text: string;
}

export interface Running {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
}

/** In cgroup v2 there is one, the root itself. */
function hierarchies(): readonly string[] {
  return existsSync(join(CGROUPS, 'cgroup.controllers')) ? ['.'] : readdirSync(CGROUPS);
}

/** A store and state directories of their own, with the image `busybox`; whatever is left in them goes with it. */
export class Engine {
  readonly folder: string;
  readonly store: string;
  readonly run: string;
  readonly #seen = new Set<string>();

  constructor(config: object = {}, place = tmpdir()) {
    this.folder = mkdtempSync(join(place, 'corten-'));
    this.store = join(this.folder, 'store');
    this.run = join(this.folder, 'run');
    addBusybox(this.store, config);
  }

  get env(): NodeJS.ProcessEnv {
    return {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      CORTEN_ROOT: this.store,
      CORTEN_RUN: this.run,
      // The machine's own network is none of a test's business.
      CORTEN_NETWORK: 'none',
    };
  }

  /** How a command is started. */
  protected commandOf(args: readonly string[]): readonly [program: string, ...args: string[]] {
    return [CORTEN, ...args];
  }

  /** One command to its end. */
  call(args: readonly string[], running: Running = {}): Outcome {
    const [program, ...words] = this.commandOf(args);
    const { status, signal, stdout, stderr, error } = spawnSync(program, words, {
      env: { ...this.env, ...running.env },
      input: running.input ?? '',
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
      maxBuffer: 1 << 28,
    });
    // EPIPE: a program need not read its input.
    const isFine = error === undefined || ('code' in error && error.code === 'EPIPE');
    assert.ok(isFine, `corten ${args.join(' ')}: ${String(error)}`);
    return { code: status, signal, stdout, stderr: String(stderr), text: String(stdout) };
  }

  /** As call(), where anything but success is a failure of the test; standard output without the last newline. */
  ok(...args: readonly string[]): string {
    const { code, text, stderr } = this.call(args);
    assert.equal(code, 0, `corten ${args.join(' ')}: ${stderr}`);
    return text.replace(/\n$/, '');
  }

  /** A shell script in a container that is removed at its end. */
  script(text: string, ...flags: readonly string[]): Outcome {
    return this.call(['run', '--rm', ...flags, 'busybox', 'sh', '-c', text]);
  }

  /** A command that runs on. */
  start(args: readonly string[], stdio: StdioOptions = ['pipe', 'pipe', 'pipe']): ChildProcess {
    const [program, ...words] = this.commandOf(args);
    return spawn(program, words, { env: this.env, stdio });
  }

  /** Everything that there is of containers. */
  traces(): readonly string[] {
    const list = (path: string): readonly string[] =>
      statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(path) : [];
    const ids = list(join(this.store, 'containers'));
    return [
      ...ids.map((id) => `directory ${id}`),
      ...list(join(this.store, 'names')).map((name) => `name ${name}`),
      ...list(join(this.run, 'runt')).map((id) => `runtime state ${id}`),
      ...hierarchies().flatMap((hierarchy) =>
        list(join(CGROUPS, hierarchy))
          .filter((name) => name.startsWith('corten-') && this.#seen.has(name.slice('corten-'.length)))
          .map((name) => `cgroup ${hierarchy}/${name}`),
      ),
      ...this.#mounts(),
    ];
  }

  /** Remembers a container, so that traces() looks for its cgroups. */
  note(id: string): string {
    this.#seen.add(id);
    return id;
  }

  /** As note(), of every container that has a name. */
  noteAll(): void {
    const names = join(this.store, 'names');
    for (const name of readdirSync(names)) this.note(readlinkSync(join(names, name)));
  }

  #mounts(): readonly string[] {
    const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    return lines.filter((line) => line.includes(this.folder)).map((line) => `mount ${line}`);
  }

  [Symbol.dispose](): void {
    const ids = this.call(['ps', '-aq', '--no-trunc'])
      .text.split('\n')
      .filter((id) => id !== '');
    if (ids.length > 0) this.call(['rm', '-f', ...ids]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Waits for the end of a command: its exit code and all that it printed. */
export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const [out, err] = [gather(child.stdout), gather(child.stderr)];
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const stdout = Buffer.concat(out);
  return { code, signal, stdout, stderr: String(Buffer.concat(err)), text: String(stdout) };
}

function gather(stream: NodeJS.ReadableStream | null): Buffer[] {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return chunks;
}

/** Waits until `look` finds something. */
export async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  for (let tries = 0; tries < 3000 * SLOWNESS; tries++) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return assert.fail(`This never came: ${what}`);
}

/** Whether a process runs: one that has ended may wait for somebody to notice. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
