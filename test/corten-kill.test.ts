import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { Engine, outcomeOf, until } from './engine/engine.ts';
import { struck, textOf } from './engine/strike.ts';

/** The pid of a container's monitor, a child of nobody that we know. */
function monitorOf(id: string): number | undefined {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const parts = textOf(`/proc/${pid}/cmdline`).split('\0');
    if (parts[0] === 'corten-monitor' && parts[1]?.includes(id) === true) return Number(pid);
  }
  return undefined;
}

test('a container whose monitor was killed is called lost, refused to rm, and taken by rm -f', async () => {
  using engine = new Engine();
  const id = engine.note(
    engine.ok('run', '-d', '--name', 'orphan', 'busybox', 'sh', '-c', 'sleep 1000 & sleep 1000'),
  );
  const pid = Number(engine.ok('inspect', '-f', '{{.State.Pid}}', 'orphan'));
  const monitor = await until('the second life', () => monitorOf(id));
  process.kill(monitor, 'SIGKILL');
  await until('the state', () => engine.ok('inspect', '-f', '{{.State.Status}}', 'orphan') === 'lost');
  assert.match(engine.ok('ps'), /Lost \(its monitor was killed\).*orphan$/);
  assert.equal(engine.call(['rm', 'orphan']).code, 1);
  assert.equal(engine.call(['exec', 'orphan', 'true']).code, 0);
  assert.match(engine.call(['logs', 'orphan']).stderr, /^$/);
  engine.ok('rm', '-f', 'orphan');
  assert.deepEqual(engine.traces(), []);
  await until(
    'the end of the program',
    () => textOf(`/proc/${pid}/stat`) === '' || / [ZX] /.test(textOf(`/proc/${pid}/stat`)),
  );
});

test('an attached command that is killed leaves its container to the monitor, which goes on with log and exit code', async () => {
  using engine = new Engine();
  const child = engine.start([
    'run',
    '--name',
    'on',
    'busybox',
    'sh',
    '-c',
    'echo first; sleep 0.5; echo second; exit 6',
  ]);
  child.stdout?.once('data', () => child.kill('SIGKILL'));
  assert.equal((await outcomeOf(child)).signal, 'SIGKILL');
  assert.equal(engine.ok('wait', 'on'), '6');
  assert.equal(engine.ok('logs', 'on'), 'first\nsecond');
});

test('SIGKILL at any step of rm -f leaves what another rm -f removes', () => {
  using engine = new Engine();
  let kills = 0;
  for (const [call, most] of [
    ['unlinkat', 16],
    ['unlink', 2],
    ['rmdir', 10],
    ['flock', 4],
    ['openat', 4],
    ['pidfd_send_signal', 1],
  ] as const) {
    for (let number = 1; number <= most; number++) {
      engine.ok('run', '-d', '--name', 'x', 'busybox', 'sleep', '1000');
      engine.noteAll();
      if (struck(engine, { call, number, what: 'signal=KILL' }, ['rm', '-f', 'x']) !== undefined) kills++;
      const again = engine.call(['rm', '-f', 'x']);
      assert.deepEqual([again.code, again.stderr], [0, ''], `${call} ${number}`);
      assert.deepEqual(engine.traces(), [], `${call} ${number}`);
    }
  }
  assert.ok(kills > 10, `${kills} kills`);
});

const CALLS: readonly (readonly [call: string, most: number])[] = [
  ['symlinkat', 3],
  ['mkdir', 16],
  ['mkdirat', 3],
  ['clone3', 3],
  ['open', 40],
  ['openat', 30],
  ['write', 30],
  ['mount', 8],
  ['move_mount', 8],
  ['fsconfig', 10],
  ['flock', 6],
  ['bind', 1],
  ['unlinkat', 12],
  ['rmdir', 10],
];

for (const isDetached of [false, true]) {
  test(`SIGKILL at any step of run${isDetached ? ' -d' : ''} leaves what rm -f removes whole`, () => {
    using engine = new Engine();
    let kills = 0;
    for (const [call, most] of CALLS) {
      for (let number = 1; number <= most; number += 1 + (number >> 2)) {
        const flags = isDetached ? ['-d'] : ['--rm'];
        const blow = { call, number, what: 'signal=KILL' };
        const outcome = struck(engine, blow, ['run', ...flags, '--name', 'x', 'busybox', 'true']);
        if (outcome !== undefined) kills++;
        engine.noteAll();
        assert.equal(engine.call(['ps', '-a']).code, 0);
        const removed = engine.call(['rm', '-f', 'x']);
        assert.deepEqual([removed.code, removed.stderr], [0, ''], `${call} ${number}`);
        assert.deepEqual(engine.traces(), [], `${call} ${number}`);
      }
    }
    assert.ok(kills > 50, `${kills} kills`);
  });
}

test('a container whose monitor is killed at any step of its end can be started again', () => {
  using engine = new Engine();
  let kills = 0;
  for (const [call, most] of [
    ['rmdir', 10],
    ['unlink', 2],
    ['unlinkat', 3],
    ['fdatasync', 1],
    ['fsync', 1],
  ] as const) {
    for (let number = 1; number <= most; number++) {
      const blow = { call, number, what: 'signal=KILL' };
      const outcome = struck(engine, blow, ['run', '--name', 'x', 'busybox', 'echo', 'hello']);
      if (outcome !== undefined) kills++;
      engine.noteAll();
      const { code, stdout, stderr } = engine.call(['start', '-a', 'x']);
      assert.deepEqual([code, String(stdout), stderr], [0, 'hello\n', ''], `${call} ${number}`);
      engine.ok('rm', '-f', 'x');
      assert.deepEqual(engine.traces(), [], `${call} ${number}`);
    }
  }
  assert.ok(kills > 5, `${kills} kills`);
});

const CREATING: readonly (readonly [call: string, most: number])[] = [
  ['mkdir', 16],
  ['mkdirat', 3],
  ['symlinkat', 8],
  ['mknodat', 6],
  ['socketpair', 2],
  ['bind', 1],
  ['listen', 1],
  ['fsopen', 3],
  ['fsconfig', 12],
  ['fsmount', 3],
  ['open_tree', 22],
  ['move_mount', 22],
  ['mount', 9],
  ['clone3', 2],
  ['pivot_root', 1],
  ['setresuid', 1],
  ['capset', 1],
  ['execveat', 1],
];

test('whatever call fails on the way to a container, nothing is left of it, and one sentence says why', () => {
  using engine = new Engine();
  engine.ok('run', '--rm', 'busybox', 'true');
  let failures = 0;
  for (const [call, most] of CREATING) {
    for (let number = 1; number <= most; number += 1 + (number >> 2)) {
      const blow = { call, number, what: 'error=ENOSPC' };
      const outcome = struck(engine, blow, ['run', '--name', 'x', 'busybox', 'true']);
      engine.noteAll();
      if (outcome === undefined || outcome.code === 0) engine.ok('rm', 'x');
      else failures++;
      assert.deepEqual(engine.traces(), [], `${call} ${number}`);
    }
  }
  assert.ok(failures > 30, `${failures} failures`);
});

test('a container with --rm whose monitor was killed is started again, copied from and committed as any other', async () => {
  using engine = new Engine();
  const script = 'test -e /seen && cat /seen && exit; echo before >/seen; sleep 1000';
  const id = engine.note(engine.ok('run', '-d', '--rm', '--name', 'gone', 'busybox', 'sh', '-c', script));
  const pid = Number(engine.ok('inspect', '-f', '{{.State.Pid}}', 'gone'));
  await until('what it writes', () => engine.call(['exec', 'gone', 'test', '-e', '/seen']).code === 0);
  process.kill(await until('the second life', () => monitorOf(id)), 'SIGKILL');
  await until('the state', () => engine.ok('inspect', '-f', '{{.State.Status}}', 'gone') === 'lost');
  process.kill(pid, 'SIGKILL');
  await until('its end', () => / [ZX] |^$/.test(textOf(`/proc/${pid}/stat`)));
  assert.equal(engine.call(['cp', 'gone:/seen', '-']).code, 0);
  assert.equal(engine.ok('start', '-a', 'gone'), 'before');
  assert.deepEqual(engine.traces(), []);
});

test('SIGKILL at any step of start leaves a container that can be started', () => {
  using engine = new Engine();
  let kills = 0;
  for (const [call, most] of [
    ['symlink', 1],
    ['rename', 1],
    ['mkdir', 8],
    ['write', 8],
    ['clone3', 1],
  ] as const) {
    for (let number = 1; number <= most; number += 1 + (number >> 1)) {
      engine.ok('create', '--name', 'x', 'busybox', 'echo', 'hello');
      engine.noteAll();
      if (struck(engine, { call, number, what: 'signal=KILL' }, ['start', 'x']) !== undefined) kills++;
      const { code, text, stderr } = engine.call(['start', '-a', 'x']);
      assert.deepEqual([code, text, stderr], [0, 'hello\n', ''], `${call} ${number}`);
      engine.ok('rm', '-f', 'x');
      assert.deepEqual(engine.traces(), [], `${call} ${number}`);
    }
  }
  assert.ok(kills > 4, `${kills} kills`);
});
