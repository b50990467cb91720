// Want of memory: what inspect and events say of it, of containers that end by it and of those that live on.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byVersion } from './engine/cgroup.ts';
import { Engine, until } from './engine/engine.ts';

/** Takes more memory than the container may have. */
const GREEDY = 'dd if=/dev/zero of=/dev/null bs=100M count=1';
const LIMIT = ['--memory', '16m', '--memory-swap', '16m'] as const;

function isOomKilled(engine: Engine, name: string): string {
  return engine.ok('inspect', '--format', '{{.State.OOMKilled}}', name);
}

function actions(engine: Engine, name: string): readonly string[] {
  const format = ['--stream=false', '--format', '{{.Action}}', '--filter', `container=${name}`];
  return engine.ok('events', ...format).split('\n');
}

/** In the background, as `c`. */
function begin(engine: Engine, script: string, ...flags: readonly string[]): void {
  engine.note(engine.ok('run', '-d', '--name', 'c', ...LIMIT, ...flags, 'busybox', 'sh', '-c', script));
}

test('a container that ends for want of memory is OOMKilled until its next start', () => {
  using engine = new Engine();
  engine.note(engine.ok('create', '--name', 'c', ...LIMIT, 'busybox', 'sh', '-c', `${GREEDY} || exit 137`));
  assert.equal(engine.call(['start', '-a', 'c']).code, 137);
  assert.equal(isOomKilled(engine, 'c'), 'true');
  assert.deepEqual(actions(engine, 'c'), ['create', 'start', 'oom', 'die']);
  engine.ok('run', '--name', 'fine', ...LIMIT, 'busybox', 'true');
  assert.equal(isOomKilled(engine, 'fine'), 'false');
});

test('a container that lives on after it has run out of memory has an oom event at once, and one only', async () => {
  using engine = new Engine();
  begin(engine, `sleep 0.5; ${GREEDY}; sleep 1000`);
  await until('the event', () => actions(engine, 'c').includes('oom'));
  assert.equal(engine.ok('ps', '-q', '--filter', 'name=c').length > 0, true);
  assert.equal(isOomKilled(engine, 'c'), 'false');
  engine.ok('kill', 'c');
  await until('its end', () => isOomKilled(engine, 'c') === 'true');
  assert.deepEqual(actions(engine, 'c'), ['create', 'start', 'oom', 'kill', 'die']);
});

test('one that has run out of memory in its first moment has the event too, and again after a restart', async () => {
  using engine = new Engine();
  begin(engine, `${GREEDY}; sleep 1000`);
  await until('the event', () => actions(engine, 'c').includes('oom'));
  engine.ok('restart', '-t', '0', 'c');
  await until('the second', () => actions(engine, 'c').filter((one) => one === 'oom').length === 2);
});

test('a policy that restarts it leaves the word of the last end', async () => {
  using engine = new Engine();
  begin(engine, `${GREEDY} || exit 3`, '--restart', 'on-failure:1');
  await until('its end', () => engine.ok('inspect', '--format', '{{.State.Status}}', 'c') === 'exited');
  assert.equal(isOomKilled(engine, 'c'), 'true');
  assert.equal(actions(engine, 'c').filter((one) => one === 'oom').length, 2);
});

for (const runtime of ['crun', 'runc']) {
  test(`a container of ${runtime} is OOMKilled likewise`, () => {
    using engine = new Engine();
    const flags = ['--runtime', runtime, '--name', 'c', ...LIMIT];
    engine.call(['run', ...flags, 'busybox', 'sh', '-c', `${GREEDY}; exit 7`]);
    engine.noteAll();
    assert.equal(isOomKilled(engine, 'c'), 'true');
    assert.deepEqual(actions(engine, 'c'), ['create', 'start', 'oom', 'die']);
  });
}

test('--oom-kill-disable: the program waits, nothing is killed, and the event is told; passed over by cgroup v2', async () => {
  using engine = new Engine();
  begin(engine, `sleep 0.5; ${GREEDY}; sleep 1000`, '--oom-kill-disable');
  await until('the event', () => actions(engine, 'c').includes('oom'));
  if (byVersion(true, false)) assert.match(engine.ok('top', 'c'), /dd if=/);
  engine.ok('rm', '-f', 'c');
});
