import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine, until } from './engine/engine.ts';

interface Health {
  readonly status: string;
  readonly failures: number;
  readonly log: readonly { readonly exitCode: number; readonly output: string }[];
}

function healthOf(engine: Engine, id: string): Health | undefined {
  try {
    return JSON.parse(readFileSync(join(engine.store, 'containers', id, 'health.json'), 'utf8')) as Health;
  } catch {
    return undefined;
  }
}

function run(engine: Engine, command: string, ...flags: readonly string[]): string {
  return engine.note(
    engine.ok('run', '-d', '--name', 'h', '--health-cmd', command, ...flags, 'busybox', 'sleep', '1000'),
  );
}

test('--health-interval and --health-retries: healthy, unhealthy after failures in a row, and healthy again', async () => {
  using engine = new Engine();
  const flags = ['--health-interval', '50ms', '--health-retries', '2'];
  const id = run(engine, 'echo checked; test ! -e /bad', ...flags);
  const status = (wanted: string) => until(wanted, () => healthOf(engine, id)?.status === wanted);
  await status('healthy');
  assert.equal(healthOf(engine, id)?.log[0]?.output, 'checked\n');
  engine.ok('exec', 'h', 'touch', '/bad');
  await status('unhealthy');
  assert.ok((healthOf(engine, id)?.failures ?? 0) >= 2);
  engine.ok('exec', 'h', 'rm', '/bad');
  await status('healthy');
  // The journal is written after the file.
  const changes = (): string =>
    [
      ...readFileSync(join(engine.store, 'containers', id, 'journal'), 'utf8').matchAll(
        /"event":"health".*?"status":"(\w+)"/g,
      ),
    ]
      .map(([, one]) => one)
      .join(' ');
  await until('the third change on record', () => changes() === 'healthy unhealthy healthy');
});

test('--health-timeout ends a check that hangs, and what it started in the background does not hold it up', async () => {
  using engine = new Engine();
  const id = run(
    engine,
    'sleep 1000',
    '--health-interval=50ms',
    '--health-timeout=100ms',
    '--health-retries=1',
  );
  await until('unhealthy', () => healthOf(engine, id)?.status === 'unhealthy');
  const [check] = healthOf(engine, id)?.log ?? [];
  assert.deepEqual([check?.exitCode, check?.output], [-1, 'The check took longer than 0.1 s. ']);
  engine.ok('rm', '-f', 'h');
  const other = run(engine, 'sleep 1000 & echo fine', '--health-interval=50ms');
  await until('healthy', () => healthOf(engine, other)?.status === 'healthy');
});

test('--health-start-period and --health-start-interval: failures do not count while it starts', async () => {
  using engine = new Engine();
  const flags = [
    '--health-start-period=1h',
    '--health-start-interval=50ms',
    '--health-retries=1',
    '--health-interval=1h',
  ];
  const id = run(engine, 'test -e /up', ...flags);
  await until('checks', () => (healthOf(engine, id)?.log.length ?? 0) >= 3);
  assert.deepEqual([healthOf(engine, id)?.status, healthOf(engine, id)?.failures], ['starting', 0]);
  engine.ok('exec', 'h', 'touch', '/up');
  await until('healthy', () => healthOf(engine, id)?.status === 'healthy');
});

test("an image's own check is carried out, again after a restart, and ends with the container", async () => {
  using engine = new Engine({ Healthcheck: { Test: ['CMD', 'echo', 'of the image'], Interval: 50e6 } });
  const id = engine.note(engine.ok('run', '-d', '--name', 'h', 'busybox', 'sleep', '1000'));
  await until('healthy', () => healthOf(engine, id)?.log[0]?.output === 'of the image\n');
  const of = (healthOf(engine, id) as unknown as { of: string }).of;
  engine.ok('restart', '-t', '0', 'h');
  await until('a check of the new life', () => {
    const health = healthOf(engine, id) as unknown as { of: string; status: string };
    return health.of !== of && health.status === 'healthy';
  });
  engine.ok('stop', '-t', '0', 'h');
  engine.ok('rm', 'h');
  assert.deepEqual(engine.traces(), []);
});
