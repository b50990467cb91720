// Pods whose commands and monitors are killed: nothing stays that pod rm -f doesn't remove, and no exit code is lost.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf, until } from './engine/engine.ts';
import { PodEngine } from './engine/pods.ts';
import { struck } from './engine/strike.ts';
import { NetworkHost } from './network/host.ts';

const idle = ['busybox', 'sleep', '1000'];

test('a pod whose monitor was killed keeps its containers, their exit codes and logs, and takes no new one', async () => {
  using engine = new PodEngine();
  engine.ok('pod', 'create', 'p');
  const script = 'trap "exit 7" TERM; echo begun; sleep 1000 & wait';
  engine.ok('run', '-d', '--pod', 'p', '--name', 'one', 'busybox', 'sh', '-c', script);
  const attached = outcomeOf(
    engine.start(['run', '--pod', 'p', '--name', 'two', 'busybox', 'sh', '-c', script]),
  );
  await until('both', () => ['one', 'two'].every((name) => engine.call(['logs', name]).text === 'begun\n'));
  for (const pid of engine.monitors('corten-pod')) process.kill(pid, 'SIGKILL');
  await until('the state', () => engine.ok('pod', 'ps', '--format', '{{.Status}}') === 'Degraded');
  assert.equal(engine.ok('exec', 'one', 'hostname'), 'p');
  const { code, stderr } = engine.call(['run', '--rm', '--pod', 'p', 'busybox', 'true']);
  assert.equal(code, 125);
  assert.match(
    stderr,
    /^corten: The monitor of the pod p was killed while (one|two) runs in it: corten pod restart p/,
  );
  engine.ok('stop', 'one');
  engine.ok('stop', 'two');
  assert.equal(engine.ok('inspect', '-f', '{{.State.ExitCode}}', 'one'), '7');
  assert.equal((await attached).code, 7);
  engine.ok('run', '--rm', '--pod', 'p', 'busybox', 'true');
  for (const pid of engine.monitors('corten-pod')) process.kill(pid, 'SIGKILL');
  engine.ok('pod', 'restart', 'p');
  assert.equal(engine.ok('pod', 'ps', '--format', '{{.Status}}'), 'Running');
  engine.noteAll();
  engine.ok('pod', 'rm', '-f', 'p');
  assert.deepEqual(engine.traces(), []);
});

test('a pod with a network whose monitor, or everybody, was killed leaves nothing after pod rm -f', async () => {
  await using host = await NetworkHost.make();
  for (const isAll of [false, true]) {
    host.ok('pod', 'create', '-p', '8080:80', '--memory', '64m', 'p');
    host.note(host.ok('run', '-d', '--pod', 'p', '--name', 'one', ...idle));
    const programs = ['corten-pod', ...(isAll ? ['corten-monitor', 'corten-forwarder'] : [])];
    for (const pid of programs.flatMap((program) => host.called(program)))
      process.kill(Number(pid), 'SIGKILL');
    assert.match(host.ok('exec', 'one', 'ifconfig', 'eth0'), /inet addr/);
    host.ok('pod', 'rm', '-f', 'p');
    assert.deepEqual(host.traces(), []);
    assert.deepEqual(await host.leftovers(), []);
  }
});

const STARTING: readonly (readonly [call: string, most: number])[] = [
  ['symlinkat', 4],
  ['mkdir', 12],
  ['clone3', 4],
  ['open', 30],
  ['openat', 30],
  ['unshare', 2],
  ['fsmount', 3],
  ['sendmsg', 4],
  ['execve', 3],
  ['flock', 8],
  ['bind', 2],
];

test('SIGKILL at any step of run --pod leaves what pod rm -f removes whole', () => {
  using engine = new PodEngine();
  let kills = 0;
  engine.ok('run', '--rm', 'busybox', 'true');
  for (const [call, most] of STARTING) {
    for (let number = 1; number <= most; number += 1 + (number >> 1)) {
      // What it leaves running ends with the container.
      engine.ok('pod', 'create', '--exit-policy', 'stop', 'p');
      const blow = { call, number, what: 'signal=KILL', patience: 2000 };
      if (struck(engine, blow, ['run', '--pod', 'p', '--name', 'x', 'busybox', 'true']) !== undefined)
        kills++;
      engine.noteAll();
      const removed = engine.call(['pod', 'rm', '-f', 'p']);
      assert.deepEqual([removed.code, removed.stderr], [0, ''], `${call} ${number}`);
      assert.deepEqual(engine.traces(), [], `${call} ${number}`);
    }
  }
  assert.ok(kills > 30, `${kills} kills`);
});

test('SIGKILL at any step of pod create leaves what pod rm -f removes', () => {
  using engine = new PodEngine();
  for (const call of ['symlinkat', 'mkdir', 'openat', 'write', 'flock']) {
    for (let number = 1; number <= 8; number++) {
      struck(engine, { call, number, what: 'signal=KILL' }, ['pod', 'create', 'p']);
      assert.equal(engine.call(['pod', 'ps']).code, 0);
      engine.ok('pod', 'rm', '-f', 'p');
      assert.deepEqual(engine.traces(), [], `${call} ${number}`);
    }
  }
});

test('SIGKILL at any step of pod stop and pod rm -f leaves what another pod rm -f removes', () => {
  using engine = new PodEngine();
  let kills = 0;
  for (const [call, most] of [
    ['unlinkat', 12],
    ['unlink', 4],
    ['rmdir', 8],
    ['flock', 6],
    ['sendmsg', 3],
    ['openat', 4],
  ] as const) {
    for (let number = 1; number <= most; number += 2 + (number >> 1)) {
      for (const words of [
        ['pod', 'stop', '-t', '0', 'p'],
        ['pod', 'rm', '-f', 'p'],
      ]) {
        engine.ok('run', '-d', '--pod', 'new:p', '--name', 'x', ...idle);
        engine.noteAll();
        const blow = { call, number, what: 'signal=KILL', patience: 2000 };
        if (struck(engine, blow, words) !== undefined) kills++;
        const again = engine.call(['pod', 'rm', '-f', 'p']);
        assert.deepEqual([again.code, again.stderr], [0, ''], `${words.join(' ')}: ${call} ${number}`);
        assert.deepEqual(engine.traces(), [], `${words.join(' ')}: ${call} ${number}`);
      }
    }
  }
  assert.ok(kills > 10, `${kills} kills`);
});

test('two that make a pod run at once both get into it, and one that is removed meanwhile is gone', async () => {
  using engine = new PodEngine();
  for (let round = 0; round < 3; round++) {
    engine.ok('pod', 'create', 'p');
    const runs = Array.from({ length: 4 }, () =>
      outcomeOf(engine.start(['run', '-d', '--pod', 'p', ...idle])),
    );
    for (const { code, stderr } of await Promise.all(runs)) assert.equal(code, 0, stderr);
    assert.equal(engine.monitors('corten-pod').length, 1);
    engine.noteAll();
    const racing = ['run', 'run', 'rm', 'run'].map((verb) =>
      outcomeOf(
        engine.start(verb === 'rm' ? ['pod', 'rm', '-f', 'p'] : ['run', '-d', '--pod', 'p', ...idle]),
      ),
    );
    for (const { code, stderr } of await Promise.all(racing))
      if (code !== 0) assert.match(stderr, /^corten: [^\n]+\n$/);
    assert.equal(engine.call(['pod', 'exists', 'p']).code, 1);
    assert.deepEqual(engine.traces(), []);
  }
});
