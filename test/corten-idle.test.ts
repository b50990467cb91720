// What costs something while nothing happens: the memory of a monitor, and processes that wake up for nothing.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Engine, until } from './engine/engine.ts';

/** KiB of its own that conmon takes here is 334. */
const MOST_MEMORY = 300;

function monitorOf(id: string): number | undefined {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const [program, state] = textOf(`/proc/${pid}/cmdline`).split('\0');
    if (program === 'corten-monitor' && state?.includes(id) === true) return Number(pid);
  }
  return undefined;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function numberIn(path: string, key: string): number {
  return Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(textOf(path))?.[1]);
}

function ownMemory(pid: number): number {
  // What was written to a file a moment ago counts as dirty.
  execFileSync('sync');
  return numberIn(`/proc/${pid}/smaps_rollup`, 'Private_Dirty');
}

/** How often a process went to sleep, once it sleeps. */
async function sleepsOf(pid: number): Promise<number> {
  const count = (): number => numberIn(`/proc/${pid}/status`, 'voluntary_ctxt_switches');
  for (let [before, same] = [-1, 0]; same < 20; await sleep(10)) {
    const now = count();
    same = now === before ? same + 1 : 0;
    before = now;
  }
  return count();
}

test('a monitor that waits has less memory of its own than conmon, also after what its container has said', async () => {
  using engine = new Engine();
  const script = 'read line; echo "$line"; exec sleep 1000';
  const id = engine.ok('run', '-d', '-i', '--name', 'idle', 'busybox', 'sh', '-c', script);
  const pid = await until('the second life', () => monitorOf(id));
  await sleepsOf(pid);
  const before = ownMemory(pid);
  assert.ok(before > 50 && before <= MOST_MEMORY, `${before} KiB`);
  const attached = engine.start(['attach', 'idle']);
  attached.stdin?.write('hello\n');
  await until('the line', () => engine.ok('logs', 'idle') === 'hello');
  attached.kill('SIGKILL');
  await sleepsOf(pid);
  const after = ownMemory(pid);
  assert.ok(after <= MOST_MEMORY + 100, `${after} KiB`);
});

test('whoever waits for a container sleeps until it does something', async () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--name', 'quiet', 'busybox', 'sleep', '1000');
  const waiting = [
    ['logs', '-f', 'quiet'],
    ['wait', 'quiet'],
    ['events'],
    ['attach', '--no-stdin', 'quiet'],
  ].map((words) => engine.start(words, 'ignore'));
  const sleeps = (): Promise<readonly number[]> => Promise.all(waiting.map(({ pid = 0 }) => sleepsOf(pid)));
  const before = await sleeps();
  await sleep(1500);
  assert.deepEqual(await sleeps(), before);
  for (const child of waiting) assert.equal(child.exitCode, null);
  for (const child of waiting) child.kill('SIGKILL');
});
