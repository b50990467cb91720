// What becomes of containers when the cgroup of their caller ends, or their program is replaced.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CORTEN, Engine, until } from './engine/engine.ts';

const IS_V2 = existsSync('/sys/fs/cgroup/cgroup.controllers');

/** A cgroup as a CI job or a login has one, and its end. */
class CallerCgroup {
  readonly #path = join('/sys/fs/cgroup', IS_V2 ? '' : 'pids', `corten-caller-${process.pid}`);

  constructor() {
    mkdirSync(this.#path);
  }

  run(engine: Engine, ...args: readonly string[]): string {
    const script = 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"';
    const words = ['-c', script, 'sh', this.#path, CORTEN, ...args];
    const { stdout, stderr, status } = spawnSync('sh', words, { env: engine.env });
    assert.equal(status, 0, String(stderr));
    return String(stdout).trim();
  }

  /** Kills whoever is in it. */
  kill(): void {
    const pids = readFileSync(join(this.#path, 'cgroup.procs'), 'utf8').split('\n');
    for (const pid of pids.filter((one) => one !== '')) process.kill(Number(pid), 'SIGKILL');
  }

  [Symbol.dispose](): void {
    rmdirSync(this.#path);
  }
}

test('a container outlives the cgroup of its caller from the moment in which run -d returns', async () => {
  using engine = new Engine();
  for (let round = 0; round < 5; round++) {
    {
      using caller = new CallerCgroup();
      const script = 'sleep 0.5; echo done; exit 3';
      engine.note(caller.run(engine, 'run', '-d', '--name', 'job', 'busybox', 'sh', '-c', script));
      caller.kill();
    }
    assert.equal(engine.ok('wait', 'job'), '3');
    assert.equal(engine.ok('logs', 'job'), 'done');
    engine.ok('rm', 'job');
  }
  assert.deepEqual(engine.traces(), []);
});

test('containers of a program that was replaced are stopped, entered, restarted and removed by its successor', async () => {
  using engine = new Engine();
  const older = join(engine.folder, 'older');
  copyFileSync(CORTEN, older);
  const start = (...args: readonly string[]): void => {
    const { status, stderr } = spawnSync(older, ['run', '-d', ...args], { env: engine.env });
    assert.equal(status, 0, String(stderr));
  };
  start('--name', 'stays', '--restart', 'always', 'busybox', 'sh', '-c', 'echo begun; exec sleep 1000');
  start('--name', 'checked', '--health-cmd', 'true', '--health-interval', '1s', 'busybox', 'sleep', '1000');
  rmSync(older);
  await until(
    'the first check',
    () => engine.ok('inspect', '-f', '{{.State.Health.Status}}', 'checked') === 'healthy',
  );
  const before = engine.ok('inspect', '-f', '{{.State.Pid}}', 'stays');
  process.kill(Number(before), 'SIGKILL');
  await until('the restart by the policy', () => engine.ok('logs', 'stays') === 'begun\nbegun');
  engine.ok('restart', '-t', '0', 'stays');
  assert.equal(engine.ok('exec', 'stays', 'echo', 'inside'), 'inside');
  engine.ok('stop', '-t', '0', 'checked');
  engine.ok('start', 'checked');
  engine.ok('rm', '-f', 'checked', 'stays');
  assert.deepEqual(engine.traces(), []);
});
