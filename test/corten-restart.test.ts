import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine, outcomeOf, until } from './engine/engine.ts';

interface Inspected {
  readonly RestartCount: number;
  readonly State: {
    readonly Status: string;
    readonly Pid: number;
    readonly ExitCode: number;
    readonly Error: string;
  };
}

function inspect(engine: Engine, name: string): Inspected {
  const [found] = JSON.parse(engine.ok('inspect', name)) as Inspected[];
  assert.ok(found !== undefined);
  return found;
}

function journal(
  engine: Engine,
  id: string,
): readonly { readonly event: string; readonly restarts?: number }[] {
  const text = readFileSync(join(engine.store, 'containers', id, 'journal'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string });
}

test('create makes a container and start runs it, again and again, on what it wrote before', () => {
  using engine = new Engine();
  const script = 'echo x >>/kept; wc -l </kept';
  const id = engine.note(engine.ok('create', '--name', 'c', 'busybox', 'sh', '-c', script));
  assert.equal(inspect(engine, 'c').State.Status, 'created');
  for (const round of [1, 2, 3]) {
    const { code, text } = engine.call(['start', '-a', 'c']);
    assert.deepEqual([code, text.trim()], [0, String(round)]);
  }
  assert.equal(inspect(engine, id).State.Status, 'exited');
  assert.equal(engine.ok('start', 'c'), 'c');
  engine.ok('wait', 'c');
  assert.equal(engine.ok('logs', 'c').split('\n').length, 4);
  engine.ok('rm', 'c');
  assert.deepEqual(engine.traces(), []);
});

test('start -a -i joins input and output, and gives the exit code', () => {
  using engine = new Engine();
  engine.ok('create', '-i', '--name', 'c', 'busybox', 'sh', '-c', 'cat; exit 6');
  for (const input of ['one\n', 'two\n']) {
    const { code, text } = engine.call(['start', '-ai', 'c'], { input });
    assert.deepEqual([code, text], [6, input]);
  }
});

test('start of one that runs changes nothing, and what can not be started stays as it is', () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--name', 'r', 'busybox', 'sleep', '1000');
  const { Pid } = inspect(engine, 'r').State;
  assert.equal(engine.ok('start', 'r'), 'r');
  assert.equal(inspect(engine, 'r').State.Pid, Pid);
  engine.ok('create', '--name', 'n', 'busybox', 'nosuch');
  for (const args of [
    ['start', 'n'],
    ['start', '-a', 'n'],
  ]) {
    const { code, stderr } = engine.call(args);
    assert.deepEqual([code, /nosuch is not found/.test(stderr)], [args.includes('-a') ? 127 : 1, true]);
  }
  assert.equal(inspect(engine, 'n').State.Status, 'created');
  assert.match(inspect(engine, 'n').State.Error, /nosuch is not found/);
  assert.equal(engine.call(['start', 'absent', 'r']).code, 1);
  assert.match(engine.call(['start']).stderr, /Name at least one container/);
});

test('restart gives the program an end and a new beginning, in one monitor', async () => {
  using engine = new Engine();
  const script = 'trap "echo bye; exit 3" TERM; echo hello; while :; do sleep 0.05; done';
  const id = engine.ok('run', '-d', '--name', 'r', 'busybox', 'sh', '-c', script);
  await until('the program', () => engine.ok('logs', 'r') === 'hello');
  const { Pid } = inspect(engine, 'r').State;
  assert.equal(engine.ok('restart', 'r'), 'r');
  assert.notEqual(inspect(engine, 'r').State.Pid, Pid);
  await until('both', () => engine.ok('logs', 'r') === 'hello\nbye\nhello');
  assert.deepEqual(
    journal(engine, id).map(({ event }) => event),
    ['created', 'started', 'exited', 'started'],
  );
  engine.ok('stop', '-t', '5', 'r');
  assert.equal(engine.ok('restart', 'r'), 'r');
  assert.equal(inspect(engine, 'r').State.Status, 'running');
});

test('kill, start and restart follow each other at once, and each does what it says', () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--name', 'q', 'busybox', 'sleep', '1000');
  for (let round = 0; round < 8; round++) {
    const { Pid } = inspect(engine, 'q').State;
    engine.ok('kill', 'q');
    engine.ok('start', 'q');
    const second = inspect(engine, 'q').State.Pid;
    engine.ok('restart', '-t', '0', 'q');
    assert.equal(new Set([Pid, second, inspect(engine, 'q').State.Pid]).size, 3);
  }
});

test('restart kills what does not end, and keeps one that is removed with its end', () => {
  using engine = new Engine();
  const id = engine.ok('run', '-d', '--rm', '--name', 'r', 'busybox', 'sleep', '1000');
  engine.ok('exec', 'r', 'touch', '/kept');
  assert.equal(engine.ok('restart', '-t', '0', 'r'), 'r');
  assert.equal(engine.ok('exec', 'r', 'ls', '/kept'), '/kept');
  engine.note(id);
  engine.ok('stop', '-t', '0', 'r');
  assert.deepEqual(engine.traces(), []);
});

test('--restart always and unless-stopped start it again whatever its exit code, until a user stops it', async () => {
  using engine = new Engine();
  for (const policy of ['always', 'unless-stopped']) {
    for (const [name, code] of [
      ['good', 0],
      ['bad', 1],
    ] as const) {
      const id = engine.ok(
        'run',
        '-d',
        '--name',
        name,
        '--restart',
        policy,
        'busybox',
        'sh',
        '-c',
        `exit ${code}`,
      );
      await until('three starts', () => inspect(engine, name).RestartCount >= 2);
      engine.ok('stop', name);
      assert.equal(inspect(engine, name).State.Status, 'exited');
      assert.ok(journal(engine, id).some(({ event }) => event === 'stopped'));
      engine.ok('rm', name);
    }
  }
  assert.deepEqual(engine.traces(), []);
});

test('--restart on-failure:2 tries twice, and no more after a success', async () => {
  using engine = new Engine();
  const count = 'echo x >>/n; [ $(wc -l </n) -ge 2 ]';
  engine.ok('run', '-d', '--name', 'mends', '--restart', 'on-failure', 'busybox', 'sh', '-c', count);
  engine.ok('run', '-d', '--name', 'fails', '--restart=on-failure:2', 'busybox', 'sh', '-c', 'exit 9');
  assert.equal(engine.ok('wait', 'mends'), '0');
  assert.equal(engine.ok('wait', 'fails'), '9');
  assert.deepEqual([inspect(engine, 'mends').RestartCount, inspect(engine, 'fails').RestartCount], [1, 2]);
  engine.ok('run', '-d', '--name', 'never', '--restart=no', 'busybox', 'false');
  assert.equal(engine.ok('wait', 'never'), '1');
  for (const policy of ['sometimes', 'always:3', 'on-failure:x'])
    assert.match(engine.call(['run', '--restart', policy, 'busybox']).stderr, /--restart takes/);
  assert.match(
    engine.call(['run', '--rm', '--restart=always', 'busybox']).stderr,
    /--restart and --rm exclude/,
  );
});

test('a container that waits for its restart is shown so, and can be stopped, killed, restarted and removed', async () => {
  using engine = new Engine();
  const waiting = async (name: string): Promise<void> => {
    engine.ok('run', '-d', '--name', name, '--restart=always', 'busybox', 'true');
    await until(
      'a long wait',
      () => inspect(engine, name).RestartCount >= 3 && /Restarting/.test(engine.ok('ps')),
    );
  };
  await waiting('w');
  const stopped = engine.start(['wait', 'w']);
  engine.ok('stop', 'w');
  assert.equal((await outcomeOf(stopped)).text, '0\n');
  assert.equal(inspect(engine, 'w').State.Status, 'exited');
  await waiting('x');
  assert.equal(engine.ok('restart', 'x'), 'x');
  engine.ok('rm', '-f', 'x', 'w');
  await waiting('y');
  assert.match(engine.call(['rm', 'y']).stderr, /is running: stop it first/);
  engine.ok('rm', '-f', 'y');
  assert.deepEqual(engine.traces(), []);
});

test('kill ends the policy, and a program that dies by itself does not', async () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--name', 'k', '--restart=always', 'busybox', 'sleep', '1000');
  const { Pid } = inspect(engine, 'k').State;
  process.kill(Pid, 'SIGKILL');
  await until('the restart', () => {
    const { State, RestartCount } = inspect(engine, 'k');
    return State.Status === 'running' && State.Pid !== Pid && RestartCount === 1;
  });
  engine.ok('kill', 'k');
  assert.equal(engine.ok('wait', 'k'), '137');
  assert.equal(inspect(engine, 'k').State.Status, 'exited');
});

test('a policy that was ended just after a start stays ended, whatever becomes of the monitor before the end', async () => {
  using engine = new Engine();
  const script = 'trap "sleep 0.5; exit 3" TERM; echo ready; while :; do sleep 0.05; done';
  engine.ok('run', '-d', '--name', 'late', '--restart=always', 'busybox', 'sh', '-c', script);
  await until('the trap', () => engine.ok('logs', 'late') === 'ready');
  engine.ok('kill', '-s', 'TERM', 'late');
  assert.equal(engine.ok('wait', 'late'), '3');
  const { State, RestartCount } = inspect(engine, 'late');
  assert.deepEqual([State.Status, RestartCount], ['exited', 0]);
});

test('after a reboot start --all --filter restart-policy=always starts what is to run', async () => {
  using engine = new Engine();
  const make = (name: string, ...flags: readonly string[]): string =>
    engine.note(engine.ok('run', '-d', '--name', name, ...flags, 'busybox', 'sleep', '1000'));
  make('always', '--restart=always');
  make('unless', '--restart=unless-stopped');
  make('stopped', '--restart=unless-stopped');
  make('plain');
  engine.ok('stop', '-t', '0', 'stopped');
  // As the power's loss leaves it: no process, no journal of the end, no state of the runtime.
  for (const name of ['always', 'unless', 'plain']) {
    const { Pid } = inspect(engine, name).State;
    const monitor = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${Pid}/status`, 'utf8'))?.[1];
    process.kill(Number(monitor), 'SIGKILL');
    process.kill(Pid, 'SIGKILL');
    await until('its end', () => inspect(engine, name).State.Status === 'lost');
  }
  rmSync(engine.run, { recursive: true });
  assert.equal(engine.ok('start', '--all', '--filter', 'restart-policy=always'), 'always');
  assert.equal(engine.ok('start', '--all', '--filter', 'restart-policy=unless-stopped'), 'unless');
  assert.equal(engine.ok('start', '--all', '--filter', 'name=plain'), 'plain');
  for (const name of ['always', 'unless', 'plain'])
    assert.equal(inspect(engine, name).State.Status, 'running');
  assert.equal(inspect(engine, 'stopped').State.Status, 'exited');
  assert.match(
    engine.call(['start', '--all', '--filter', 'color=red']).stderr,
    /filter "color=red" is unknown/,
  );
});

test('a container whose program outlives its monitor is not started a second time', async () => {
  using engine = new Engine();
  engine.note(engine.ok('run', '-d', '--name', 'l', 'busybox', 'sleep', '1000'));
  const { Pid } = inspect(engine, 'l').State;
  const monitor = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${Pid}/status`, 'utf8'))?.[1];
  process.kill(Number(monitor), 'SIGKILL');
  await until('its end', () => inspect(engine, 'l').State.Status === 'lost');
  assert.match(engine.call(['start', 'l']).stderr, /its program may still run/);
  engine.ok('rm', '-f', 'l');
  assert.deepEqual(engine.traces(), []);
});

test('a journal with the restarts of a long life is read whole', () => {
  using engine = new Engine();
  const id = engine.ok('create', '--name', 'j', 'busybox', 'true');
  const file = join(engine.store, 'containers', id, 'journal');
  const time = new Date().toISOString();
  const round = (restarts: number): string =>
    `${JSON.stringify({ event: 'started', time, pid: 1, startTime: '1', restarts })}\n${JSON.stringify({ event: 'exited', time, code: 1, isRestarting: true })}\n`;
  appendFileSync(file, Array.from({ length: 20_000 }, (_, index) => round(index + 1)).join(''));
  assert.equal(inspect(engine, 'j').RestartCount, 20_000);
});

test('update --restart holds for the next end of a container that runs, also after many', async () => {
  using engine = new Engine();
  const state = (): string => engine.ok('inspect', '--format', '{{.State.Status}} {{.RestartCount}}', 'c');
  engine.ok(
    'run',
    '-d',
    '--name',
    'c',
    'busybox',
    'sh',
    '-c',
    'until test -e /end; do sleep 0.05; done; rm /end',
  );
  const end = (): string => engine.ok('exec', 'c', 'touch', '/end');
  engine.ok('update', '--restart', 'always', 'c');
  end();
  await until('the first restart', () => state() === 'running 1');
  engine.ok('update', '--restart', 'on-failure', 'c');
  engine.ok('update', '--restart', 'always', 'c');
  end();
  await until('the second restart', () => state() === 'running 2');
  engine.ok('update', '--restart', 'no', 'c');
  end();
  await until('its end', () => state().startsWith('exited'));
});
