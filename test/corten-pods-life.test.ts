// How the containers of a pod live and end, together and each by itself.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { byVersion, cgroupSays } from './engine/cgroup.ts';
import { isAlive, until } from './engine/engine.ts';
import { PodEngine } from './engine/pods.ts';

test('a pod is created, runs, is paused, degraded, has ended, and starts again with all its containers', () => {
  using engine = new PodEngine();
  const state = (): string => engine.ok('pod', 'inspect', '-f', '{{.State}}', 'p');
  engine.ok('pod', 'create', 'p');
  engine.ok('create', '--pod', 'p', '--name', 'one', 'busybox', 'sleep', '1000');
  engine.ok('create', '--pod', 'p', '--name', 'two', 'busybox', 'sleep', '1000');
  assert.equal(state(), 'Created');
  engine.ok('pod', 'start', 'p');
  assert.equal(state(), 'Running');
  const before = engine.namespace('one', 'net');
  engine.ok('pod', 'pause', 'p');
  assert.equal(state(), 'Paused');
  assert.equal(engine.ok('ps', '--filter', 'status=paused', '-q').split('\n').length, 2);
  engine.ok('pod', 'unpause', 'p');
  engine.ok('stop', '-t', '0', 'one');
  assert.equal(state(), 'Degraded');
  engine.ok('start', 'one');
  assert.equal(engine.namespace('one', 'net'), before, 'it comes back to the others');
  engine.ok('pod', 'restart', '-t', '0', 'p');
  assert.equal(state(), 'Running');
  assert.notEqual(engine.namespace('one', 'net'), before);
  assert.match(
    engine.call(['pod', 'rm', 'p']).stderr,
    /^corten: The pod p has the container (one|two), which is running/,
  );
  engine.ok('pod', 'kill', '-s', 'WINCH', 'p');
  assert.equal(state(), 'Running');
  assert.equal(engine.ok('pod', 'prune', '-f'), '', 'what runs stays');
  engine.ok('pod', 'kill', 'p');
  assert.equal(state(), 'Exited');
  assert.equal(
    engine
      .ok('ps', '-a', '--format', '{{.Names}} {{.State}}', '--filter', 'pod=p')
      .split('\n')
      .toSorted()
      .join(),
    'one exited,two exited',
  );
  assert.match(engine.ok('pod', 'prune', '-f'), /^[0-9a-f]{64}$/);
  assert.equal(engine.ok('ps', '-aq'), '');
  assert.deepEqual(engine.traces(), []);
});

test('stop asks all containers of a pod at once', () => {
  using engine = new PodEngine();
  engine.ok('pod', 'create', 'p');
  const deaf = ['--stop-signal', 'WINCH', '--stop-timeout', '1', 'busybox', 'sleep', '1000'];
  for (let count = 0; count < 4; count++) engine.ok('run', '-d', '--pod', 'p', ...deaf);
  engine.ok('pod', 'stop', 'p');
  const ended = engine.ok('inspect', '-f', '{{.State.FinishedAt}}', ...engine.ok('ps', '-aq').split('\n'));
  const times = ended.split('\n').map((text) => Date.parse(text));
  assert.ok(Math.max(...times) - Math.min(...times) < 1000, 'nobody’s second begins after another’s');
});

test('--exit-policy stop: the pod ends with its last container, also with one that restarts', async () => {
  using engine = new PodEngine();
  engine.ok('pod', 'create', '--exit-policy', 'stop', 's');
  engine.ok('pod', 'create', 'c');
  assert.equal(engine.ok('pod', 'inspect', '-f', '{{.ExitPolicy}}', 'c'), 'continue');
  for (const pod of ['s', 'c']) engine.ok('run', '--pod', pod, 'busybox', 'true');
  const state = (pod: string): string => engine.ok('pod', 'inspect', '-f', '{{.State}}', pod);
  await until('the end', () => state('s') === 'Exited');
  assert.equal(state('c'), 'Degraded');
  await until('its process’s end', () => engine.monitors('corten-pod').length === 1);
  engine.call(['run', '--pod', 's', '--name', 'again', '--restart', 'on-failure:2', 'busybox', 'false']);
  await until(
    'two restarts',
    () => engine.ok('inspect', '-f', '{{.RestartCount}} {{.State.Status}}', 'again') === '2 exited',
  );
  await until('the end', () => state('s') === 'Exited');
  engine.ok('pod', 'rm', '-fa');
  assert.deepEqual(engine.traces(), []);
});

test('--memory, --cpus and --pids-limit of a pod are for all its containers together', () => {
  using engine = new PodEngine();
  const pod = engine.note(
    engine.ok(
      'pod',
      'create',
      '--memory',
      '64m',
      '--cpus',
      '0.5',
      '--pids-limit',
      '50',
      '--cgroup-parent',
      'corten-parent',
      'p',
    ),
  );
  const id = engine.ok('run', '-d', '--pod', 'p', '--memory', '32m', 'busybox', 'sleep', '1000');
  const says = (of: string, parent: string, [v1, v2]: readonly [v1: string, v2: string]): string =>
    cgroupSays(of, { v1, v2 }, parent);
  assert.equal(says(pod, '/corten-parent', ['memory/memory.limit_in_bytes', 'memory.max']), String(64 << 20));
  assert.equal(
    says(pod, '/corten-parent', ['cpu/cpu.cfs_quota_us', 'cpu.max']),
    byVersion('50000', '50000 100000'),
  );
  assert.equal(says(pod, '/corten-parent', ['pids/pids.max', 'pids.max']), '50');
  assert.equal(
    says(id, `/corten-parent/corten-${pod}`, ['memory/memory.limit_in_bytes', 'memory.max']),
    String(32 << 20),
  );
  assert.equal(engine.ok('pod', 'inspect', '-f', '{{.CgroupPath}}', 'p'), `/corten-parent/corten-${pod}`);
  engine.ok('pod', 'rm', '-f', 'p');
  const root = byVersion('/sys/fs/cgroup/memory', '/sys/fs/cgroup');
  assert.deepEqual(
    existsSync(`${root}/corten-parent`)
      ? readdirSync(`${root}/corten-parent`).filter((name) => name.startsWith('corten-'))
      : [],
    [],
  );
  engine.removeCgroups('corten-parent');
  assert.deepEqual(engine.traces(), []);
});

test('a container in a pod is copied, committed, renamed, updated and restarted as any other, and by other runtimes', () => {
  using engine = new PodEngine();
  engine.ok('pod', 'create', 'p');
  for (const runtime of ['crun', 'runc']) {
    engine.ok(
      'run',
      '-d',
      '--runtime',
      runtime,
      '--pod',
      'p',
      '--name',
      runtime,
      'busybox',
      'sh',
      '-c',
      `echo ${runtime} >/dev/shm/${runtime}; sleep 1000`,
    );
    assert.equal(engine.ok('exec', runtime, 'hostname'), 'p');
  }
  engine.ok('run', '-d', '--pod', 'p', '--name', 'own', 'busybox', 'sh', '-c', 'touch /made; sleep 1000');
  assert.equal(engine.ok('exec', 'own', 'cat', '/dev/shm/crun', '/dev/shm/runc'), 'crun\nrunc');
  assert.equal(engine.namespace('crun', 'net'), engine.namespace('own', 'net'));
  const file = join(engine.folder, 'file');
  writeFileSync(file, 'copied');
  engine.ok('cp', file, 'own:/copied');
  assert.equal(engine.ok('exec', 'own', 'cat', '/copied'), 'copied');
  engine.ok('rename', 'own', 'mine');
  engine.ok('update', '--memory', '64m', 'mine');
  engine.ok('restart', '-t', '0', 'mine');
  assert.equal(engine.namespace('crun', 'net'), engine.namespace('mine', 'net'));
  assert.match(engine.call(['network', 'connect', 'bridge', 'mine']).stderr, /has the network of its pod/);
  assert.match(engine.ok('stats', '--no-stream', '--format', '{{.Name}}', 'mine'), /mine/);
  engine.ok('pod', 'rm', '-f', 'p');
  assert.deepEqual(engine.traces(), []);
});

test('what was killed with the machine starts again, and pods that end do not take along whoever made them', async () => {
  using engine = new PodEngine();
  engine.ok('pod', 'create', 'p');
  engine.ok('run', '-d', '--pod', 'p', '--name', 'one', '--restart', 'always', 'busybox', 'sleep', '1000');
  const pids = [...engine.monitors('corten-pod'), ...engine.monitors('corten-monitor')];
  assert.ok(pids.length >= 1);
  const program = Number(engine.ok('inspect', '-f', '{{.State.Pid}}', 'one'));
  await until('the second life', () => engine.monitors('corten-monitor').length === 1);
  for (const pid of [...engine.monitors('corten-pod'), ...engine.monitors('corten-monitor'), program])
    process.kill(pid, 'SIGKILL');
  await until('the end', () => !isAlive(program));
  engine.ok('start', '--all', '--filter', 'restart-policy=always');
  assert.equal(engine.ok('pod', 'ps', '--format', '{{.Status}}'), 'Running');
  engine.ok('pod', 'rm', '-f', 'p');
  assert.deepEqual(engine.traces(), []);
});
