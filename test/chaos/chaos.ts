import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CORTEN } from '../engine/engine.ts';
import type { NetworkHost } from '../network/host.ts';
import { nextOperation, type World } from './operations.ts';
import { endTracers, ownProcesses, textOf } from './own-processes.ts';
import { Random } from './random.ts';

/** Longer than any command may take, however busy the machine. */
const LIMIT_MS = 120_000;
/** Calls before one of which a command under strace is killed, with all that it has started. */
const CALLS =
  'mkdir,mkdirat,symlinkat,renameat,renameat2,rename,unlink,unlinkat,rmdir,clone3,openat,write,flock,bind,mount,move_mount,fsconfig,sendto,sendmsg,fsync,fdatasync,pwrite64';
const MOST_CALLS = 120;
/** Percent of the commands that are killed so. */
const TRACED = 8;

export interface Plan {
  readonly seed: number;
  readonly operations: number;
  readonly workers: number;
  /** Milliseconds between two kills, at most; none where this is absent. */
  readonly pause?: number;
}

interface Run {
  readonly words: readonly string[];
  readonly isTraced: boolean;
  readonly text: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Commands of several workers at once, and a killer of whatever process it meets; what was said against the rules. */
export class Chaos {
  readonly #host: NetworkHost;
  readonly #plan: Plan;
  readonly #remote: string;
  #started = 0;
  isOver = false;
  kills = 0;
  /** Of the commands. */
  succeeded = 0;
  readonly complaints: string[] = [];

  constructor(host: NetworkHost, plan: Plan, remote: string) {
    this.#host = host;
    this.#plan = plan;
    this.#remote = remote;
  }

  /** How many commands were begun so far. */
  get started(): number {
    return this.#started;
  }

  async run(): Promise<void> {
    const killer = this.#kill();
    const workers = Array.from({ length: this.#plan.workers }, (_, index) => this.#work(index));
    await Promise.all(workers);
    this.isOver = true;
    await killer;
    endTracers(this.#host.folder);
  }

  async #work(index: number): Promise<void> {
    const random = new Random(this.#plan.seed * 1000 + index);
    const folder = join(this.#host.folder, `worker-${index}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'note'), 'a note');
    const world: World = { random, remote: this.#remote, folder };
    while (this.#started++ < this.#plan.operations) {
      const words = nextOperation(world);
      const nth =
        this.#plan.pause !== undefined && random.chance(TRACED) ? 1 + random.below(MOST_CALLS) : undefined;
      this.#judge(await this.#command(words, nth));
    }
  }

  async #command(words: readonly string[], nth: number | undefined): Promise<Run> {
    const inject = `inject=${CALLS}:signal=SIGKILL:when=${nth}`;
    const strace = ['strace', '-D', '-f', '-qqq', '-o', '/dev/null', '-e', `trace=${CALLS}`, '-e', inject];
    const [program, ...args] = this.#host.here.words(...(nth === undefined ? [] : strace), CORTEN, ...words);
    const child = spawn(program, args, { env: this.#host.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.resume();
    child.stderr.on('data', (chunk: Buffer) => (text += String(chunk)));
    const limit = setTimeout(() => this.#tooLong(words, child.pid ?? 0), LIMIT_MS);
    // Not 'close': what the tracer holds stays open for as long as a monitor lives.
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    clearTimeout(limit);
    await new Promise((resolve) => setImmediate(resolve));
    for (const stream of [child.stdout, child.stderr]) stream.destroy();
    return { words, isTraced: nth !== undefined, text, code, signal };
  }

  #tooLong(words: readonly string[], pid: number): void {
    const [place, stack] = ['wchan', 'stack'].map((file) => textOf(`/proc/${pid}/${file}`));
    this.complaints.push(`corten ${words.join(' ')} (${pid}) hangs at ${place}\n${stack}`);
    process.kill(pid, 'SIGKILL');
  }

  #judge({ words, text, code, signal }: Run): void {
    if (code === 0) this.succeeded++;
    if (signal !== null || isFair(text)) return;
    this.complaints.push(`corten ${words.join(' ')}: exit code ${code}, ${JSON.stringify(text)}`);
  }

  async #kill(): Promise<void> {
    const { seed, pause } = this.#plan;
    const random = new Random(seed * 1000 + 999);
    while (!this.isOver && pause !== undefined) {
      await sleep(random.below(pause));
      const [first, ...others] = ownProcesses(this.#host.folder);
      if (first === undefined) continue;
      const { pid } = random.pick([first, ...others]);
      try {
        process.kill(pid, 'SIGKILL');
        this.kills++;
      } catch (error) {
        assert.ok(error instanceof Error && error.message.includes('ESRCH'));
      }
    }
  }
}

/**
 * A program's own output, or one sentence a line for users: no trace of a fault of ours, no bare error number. A file that
 * a sentence names may be gone: that of an archive, or of an image that was removed while it was read.
 */
function isFair(text: string): boolean {
  return text
    .split('\n')
    .every(
      (line) =>
        / cannot be read: |store\/layers\/\w+\.erofs: ENOENT$/.test(line) ||
        !/\bat .*\.ts:\d+|this is a bug|TypeError|RangeError|: E[A-Z]{3,}$/.test(line),
    );
}
