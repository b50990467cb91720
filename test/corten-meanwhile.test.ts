// What a command says when another one changes or removes its container meanwhile.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CORTEN, Engine, outcomeOf, until, type Outcome } from './engine/engine.ts';
import { NetworkHost } from './network/host.ts';

/** Runs a command that stands still before its n-th call of a kind, and another as soon as it does. */
async function during(
  engine: Engine,
  { call, number }: { readonly call: string; readonly number: number },
  [slow, quick]: readonly [slow: readonly string[], quick: readonly string[]],
): Promise<Outcome> {
  const inject = `inject=${call}:delay_enter=1500000:when=${number}`;
  const trace = join(engine.folder, 'trace');
  rmSync(trace, { force: true });
  const args = ['-f', '-e', `trace=${call}`, '-e', inject, '-o', trace, CORTEN, ...slow];
  const outcome = outcomeOf(spawn('strace', args, { env: engine.env, stdio: ['ignore', 'pipe', 'pipe'] }));
  const seen = (): string => (existsSync(trace) ? readFileSync(trace, 'utf8') : '');
  await until('the call', () => seen().split(`${call}(`).length > number);
  engine.ok(...quick);
  return outcome;
}

test('exec into a container that ends on the way says that it does not run', async () => {
  using engine = new Engine();
  engine.note(engine.ok('run', '-d', '--name', 'x', 'busybox', 'sleep', '1000'));
  const commands = [
    ['exec', 'x', 'true'],
    ['kill', 'x'],
  ] as const;
  const { code, stderr } = await during(engine, { call: 'setns', number: 1 }, commands);
  assert.deepEqual([code, stderr], [1, 'corten: The container x is not running\n']);
});

test('export and cp of a container that is removed meanwhile say that it is gone', async () => {
  using engine = new Engine();
  for (const [words, call] of [
    [['export', '-o', '/dev/null', 'x'], 'getdents64'],
    [['cp', 'x:/etc', '-'], 'getdents64'],
    [['cp', 'x:/etc', '-'], 'flock'],
  ] as const) {
    engine.ok('run', '--name', 'x', 'busybox', 'touch', '/etc/new');
    const { code, stderr } = await during(engine, { call, number: 1 }, [words, ['rm', 'x']]);
    if (code !== 0)
      assert.match(stderr, /^corten: There is no container "x": /, `${words.join(' ')} at ${call}`);
    engine.call(['rm', 'x']);
    assert.deepEqual(engine.traces(), []);
  }
});

test('networks that are connected and limits that are changed at once are all on record', async () => {
  await using host = await NetworkHost.make();
  const networks = Array.from({ length: 6 }, (_, index) => `n${index}`);
  for (const name of networks) host.ok('network', 'create', name);
  host.idle('--name', 'x', '--network', 'bridge');
  const commands = [
    ...networks.map((name) => ['network', 'connect', name, 'x']),
    ...[41, 42, 43].map((limit) => ['update', '--pids-limit', String(limit), 'x']),
  ];
  const outcomes = await Promise.all(commands.map((words) => outcomeOf(host.start(words))));
  assert.deepEqual(
    outcomes.map(({ stderr }) => stderr),
    commands.map(() => ''),
  );
  const known = host.inspect('x', '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}');
  assert.deepEqual(known.trim().split(' '), ['bridge', ...networks]);
  assert.match(host.inspect('x', '{{.HostConfig.PidsLimit}}'), /^4[123]$/);
  host.ok('restart', '-t', '0', 'x');
  assert.equal(host.ok('exec', 'x', 'sh', '-c', 'ls /sys/class/net | grep -c eth'), '7');
});

test('rm -f and stop end a container that another command is about to start again', async () => {
  using engine = new Engine();
  const script = 'trap "echo asked" TERM; while :; do sleep 0.05; done';
  for (const words of [
    ['rm', '-f'],
    ['stop', '-t', '0'],
  ]) {
    const id = engine.note(engine.ok('run', '-d', '--name', 'c', 'busybox', 'sh', '-c', script));
    const restart = outcomeOf(engine.start(['restart', '-t', '60', 'c']));
    await until('the signal of the restart', () => engine.ok('logs', 'c').includes('asked'));
    const { code, stderr } = await outcomeOf(engine.start([...words, 'c']));
    assert.deepEqual([code, stderr], [0, ''], words.join(' '));
    await restart; // which starts again what was stopped, and may do so between the end and the removal
    if (words[0] === 'stop') assert.equal(engine.ok('rm', '-f', id), id);
    assert.equal(engine.ok('ps', '-aq'), '');
  }
  assert.deepEqual(engine.traces(), []);
});
