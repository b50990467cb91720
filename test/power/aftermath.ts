import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { until, CORTEN } from '../engine/engine.ts';

const LIMIT_MS = 60_000;
const SCRIPT =
  'mount -o loop "$1" "$2" && rm -rf "$3" && ip link set lo up && echo ready && exec sleep infinity';

interface Place {
  /** Where the disk was mounted, and the copy is now. */
  readonly disk: string;
  readonly env: NodeJS.ProcessEnv;
}

interface Answer {
  readonly code: number | null;
  readonly text: string;
  readonly stderr: string;
}

/** The machine after the power came again: the disk's copy in its place, nothing in the run directory, no process. */
export class Aftermath {
  readonly #holder: ChildProcess;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(holder: ChildProcess, env: NodeJS.ProcessEnv) {
    this.#holder = holder;
    this.#env = env;
  }

  static async boot(copy: string, { disk, env }: Place): Promise<Aftermath> {
    const args = ['-m', '-n', '--propagation', 'private', 'sh', '-c', SCRIPT, 'sh'];
    const words = [...args, copy, disk, env['CORTEN_RUN'] ?? ''];
    const holder = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    holder.stdout.on('data', (chunk: Buffer) => (text += String(chunk)));
    await until('the disk after the power’s end', () => text.includes('ready'));
    return new Aftermath(holder, env);
  }

  call(...args: readonly string[]): Answer {
    const enter = ['-t', String(this.#holder.pid), '-m', '-n', CORTEN];
    const { status, stdout, stderr, error } = spawnSync('nsenter', [...enter, ...args], {
      env: this.#env,
      encoding: 'utf8',
      input: '',
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    assert.equal(error, undefined, `corten ${args.join(' ')}`);
    return { code: status, text: stdout, stderr };
  }

  /** Standard output of a command that has to succeed, as lines. */
  ok(...args: readonly string[]): readonly string[] {
    const { code, text, stderr } = this.call(...args);
    assert.deepEqual([code, stderr], [0, ''], `corten ${args.join(' ')}: ${text}`);
    return text.split('\n').filter((line) => line !== '');
  }

  /** With all that runs, also where a test failed. */
  async end(): Promise<void> {
    const ids = this.call('ps', '-aq')
      .text.split('\n')
      .filter((id) => id !== '');
    if (ids.length > 0) this.call('rm', '-f', ...ids);
    const ended = once(this.#holder, 'exit');
    this.#holder.kill('SIGKILL');
    await ended;
  }
}
