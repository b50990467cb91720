// What commands cost beside many containers, in system calls.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CORTEN, Engine } from './engine/engine.ts';

/** For each container that there is. */
const CALLS_OF_PS = 12;

function callsOf(engine: Engine, ...args: readonly string[]): number {
  const trace = join(engine.folder, 'trace');
  const { status, stderr } = spawnSync('strace', ['-o', trace, CORTEN, ...args], { env: engine.env });
  assert.equal(status, 0, String(stderr));
  return readFileSync(trace, 'utf8').split('\n').length;
}

test('ps asks a few things of each container, and other commands nothing of the rest', () => {
  using engine = new Engine();
  const figures = [2, 14].map((count) => {
    while (
      engine
        .ok('ps', '-q')
        .split('\n')
        .filter((id) => id !== '').length < count
    )
      engine.note(engine.ok('run', '-d', 'busybox', 'sleep', '1000'));
    engine.note(engine.ok('run', '-d', '--name', 'x', 'busybox', 'sleep', '1000'));
    const calls = { ps: callsOf(engine, 'ps'), inspect: callsOf(engine, 'inspect', 'x') };
    engine.ok('stop', '-t', '0', 'x');
    return { ...calls, rm: callsOf(engine, 'rm', 'x') };
  });
  const [few, many] = figures as [(typeof figures)[0], (typeof figures)[0]];
  assert.ok(many.ps - few.ps <= 12 * CALLS_OF_PS, `${few.ps} and ${many.ps} calls`);
  assert.ok(many.inspect - few.inspect < 12 && many.rm - few.rm < 12, JSON.stringify(figures));
});
