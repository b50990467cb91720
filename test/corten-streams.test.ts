// The attached commands where somebody at the other end of a stream doesn't do their part.

import assert from 'node:assert/strict';
import { execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine, outcomeOf, until } from './engine/engine.ts';

/** Writes without end, telling in /v/count how far it came; its signals end the whole. */
const FLOOD =
  '(i=0; while head -c 16384 /dev/zero; do i=$((i+1)); echo $i >/v/count; done) & trap "exit 5" TERM; wait; wait';

/** A pipe that is open for both ends in this process, so that it is never at its end. */
class Fifo {
  readonly fd: number;

  constructor(engine: Engine) {
    const path = join(engine.folder, 'fifo');
    execFileSync('mkfifo', [path]);
    this.fd = openSync(path, 'r+');
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}

/** A folder that FLOOD writes to, as flags of `run`. */
function volumeOf(engine: Engine): {
  readonly flags: readonly string[];
  readonly isStuck: () => Promise<void>;
} {
  const folder = join(engine.folder, 'v');
  mkdirSync(folder);
  const count = (): string => readFileSync(join(folder, 'count'), 'utf8').trim();
  const isStuck = async (): Promise<void> => {
    await until('the first piece', () => existing(count) !== '');
    for (let same = 0, last = ''; same < 20;) {
      const now = count();
      same = now === last ? same + 1 : 0;
      last = now;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return { flags: ['-v', `${folder}:/v`], isStuck };
}

function existing(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

async function codeOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

test('a signal reaches the program of run though nobody reads our output, and then ends ourselves', async () => {
  using engine = new Engine();
  using fifo = new Fifo(engine);
  const { flags, isStuck } = volumeOf(engine);
  const child = engine.start(
    ['run', '--name', 'flood', ...flags, 'busybox', 'sh', '-c', FLOOD],
    ['ignore', fifo.fd, 'inherit'],
  );
  const ended = codeOf(child);
  await isStuck();
  child.kill('SIGTERM');
  assert.equal(engine.ok('wait', 'flood'), '5');
  // What is left of it is in nobody's way.
  assert.equal(engine.ok('stop', 'flood'), 'flood');
  assert.equal(engine.ok('rm', 'flood'), 'flood');
  child.kill('SIGTERM');
  assert.equal(await ended, 143);
  assert.deepEqual(engine.traces(), []);
});

test('what a slow reader of run takes late is whole, with the exit code of the program', async () => {
  using engine = new Engine();
  using fifo = new Fifo(engine);
  const child = engine.start(
    ['run', '--rm', 'busybox', 'sh', '-c', 'head -c 3000000 /dev/zero; exit 4'],
    ['ignore', fifo.fd, 'inherit'],
  );
  const ended = codeOf(child);
  let total = 0;
  for (const piece = Buffer.alloc(50_000); total < 3_000_000;) {
    total += readSync(fifo.fd, piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual([total, await ended], [3_000_000, 4]);
});

test('a signal reaches the program of exec -t though nobody reads our output, and then ends ourselves', async () => {
  using engine = new Engine();
  using fifo = new Fifo(engine);
  const { flags, isStuck } = volumeOf(engine);
  engine.ok('run', '-d', '--name', 'e', ...flags, 'busybox', 'sleep', '1000');
  const child = engine.start(
    ['exec', '-t', 'e', 'sh', '-c', `${FLOOD.replace('exit 5', 'echo >/v/ended; exit 5')}`],
    ['ignore', fifo.fd, 'inherit'],
  );
  const ended = codeOf(child);
  await isStuck();
  child.kill('SIGTERM');
  await until(
    'the end of the program',
    () => existing(() => readFileSync(join(engine.folder, 'v/ended'), 'utf8')) !== '',
  );
  await until('our own end', () => !child.kill('SIGTERM'));
  assert.equal(await ended, 5);
});

test('exec -t gives the code of a program that fills the terminal and is gone', async () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--name', 'e', 'busybox', 'sleep', '1000');
  const { code, stdout } = engine.call([
    'exec',
    '-t',
    'e',
    'sh',
    '-c',
    'stty -opost; head -c 200000 /dev/zero; exit 3',
  ]);
  assert.deepEqual([code, stdout.length], [3, 200_000]);
});

test('-it wants a terminal, as without one its input had no end', () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--name', 'e', 'busybox', 'sleep', '1000');
  for (const args of [
    ['run', '--rm', '-it', 'busybox', 'sh'],
    ['exec', '-it', 'e', 'sh'],
  ]) {
    const { code, stderr } = engine.call(args, { input: 'exit 7\n' });
    assert.deepEqual([code, stderr], [125, 'corten: Standard input is no terminal: leave out -t, or -i\n']);
  }
  engine.ok('run', '-dit', '--rm', '--name', 'detached', 'busybox', 'sh');
});

test('an output that takes nothing more is said to be lost', async () => {
  using engine = new Engine();
  const full = openSync('/dev/full', 'w');
  const args = ['run', '--rm', 'busybox', 'sh', '-c', 'echo lost; echo kept >&2'];
  const { stderr } = await outcomeOf(engine.start(args, ['ignore', full, 'pipe']));
  closeSync(full);
  assert.match(stderr, /^corten: Write to standard output: ENOSPC, .*lost$/m);
  assert.match(stderr, /^kept$/m);
});
