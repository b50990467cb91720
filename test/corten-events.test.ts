// events: what each command puts on record, in order, followed and read again; many writers at once.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CORTEN, Engine, outcomeOf, until } from './engine/engine.ts';

const SLEEPER = ['busybox', 'sleep', '1000'] as const;

/** What is on record, `ACTION` each, of a container. */
function actions(engine: Engine, name: string): readonly string[] {
  const format = ['--stream=false', '--format', '{{.Action}}', '--filter', `container=${name}`];
  return engine.ok('events', ...format).split('\n');
}

test('each command records its events in order', () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--name', 'c', '-l', 'a=b', ...SLEEPER);
  engine.ok('pause', 'c');
  engine.ok('unpause', 'c');
  engine.ok('update', '--pids-limit', '50', 'c');
  engine.ok('exec', 'c', 'true');
  engine.ok('cp', 'c:/etc/passwd', engine.folder);
  engine.ok('cp', join(engine.folder, 'passwd'), 'c:/tmp');
  engine.ok('export', '-o', '/dev/null', 'c');
  engine.ok('restart', '-t', '0', 'c');
  engine.ok('rename', 'c', 'd');
  engine.ok('kill', '-s', 'CONT', 'd');
  engine.ok('stop', '-t', '0', 'd');
  engine.ok('start', 'd');
  engine.ok('rm', '-f', 'd');
  const id = engine.ok('events', '--stream=false', '--format', '{{.Actor.ID}}').split('\n')[0] ?? '';
  assert.deepEqual(actions(engine, id), [
    'create',
    'start',
    'pause',
    'unpause',
    'update',
    'exec_start: true',
    'exec_die',
    'archive-path',
    'extract-to-dir',
    'export',
    'die',
    'start',
    'restart',
    'rename',
    'kill',
    'die',
    'stop',
    'start',
    'die',
    'destroy',
  ]);
  engine.ok('tag', 'busybox', 'other');
  engine.ok('rmi', 'other');
  engine.ok('volume', 'create', 'v');
  engine.ok('volume', 'rm', 'v');
  const others = engine.ok(
    'events',
    '--stream=false',
    '--filter',
    'type=image',
    '--filter',
    'type=volume',
    '--format',
    '{{.Type}} {{.Action}}',
  );
  assert.equal(others, 'image tag\nimage untag\nvolume create\nvolume destroy');
});

test('events are told with what they are about, by filters and times', () => {
  using engine = new Engine();
  assert.equal(
    engine.call(['run', '--name', 'one', '-l', 'tier=web', 'busybox', 'sh', '-c', 'exit 3']).code,
    3,
  );
  const all = ['events', '--since', '1h', '--until', '0s'] as const;
  assert.match(
    engine.ok(...all, '--filter', 'event=die'),
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z container die [0-9a-f]{64} \(exitCode=3, image=busybox, name=one, tier=web\)$/,
  );
  const document = JSON.parse(engine.ok(...all, '--format', 'json', '--filter', 'event=create')) as Record<
    string,
    unknown
  >;
  assert.equal(document['status'], 'create');
  assert.equal(document['from'], 'busybox');
  assert.equal(document['Type'], 'container');
  assert.deepEqual(document['Actor'], {
    ID: document['id'],
    Attributes: { tier: 'web', image: 'busybox', name: 'one' },
  });
  const found = (...filters: readonly string[]): number =>
    engine
      .ok(...all, ...filters.flatMap((filter) => ['--filter', filter]))
      .split('\n')
      .filter((line) => line !== '').length;
  assert.equal(found('container=one'), 3);
  assert.equal(found('container=two'), 0);
  assert.equal(found('label=tier=web', 'event=start', 'event=die'), 2);
  assert.equal(found('label=tier=db'), 0);
  assert.equal(found('image=busybox', 'type=container'), 3);
  assert.equal(engine.ok('events', '--since', '1h', '--until', '2020-01-01'), '');
  assert.equal(engine.call(['events', '--filter', 'nosuch=1', '--until', '0s']).code, 125);
  assert.equal(engine.call(['events', '--since', 'nonsense']).code, 125);
});

test('events are followed as they happen', async () => {
  using engine = new Engine();
  engine.ok('run', '--name', 'before', 'busybox', 'true');
  const child = engine.start([
    'events',
    '--format',
    '{{.Action}} {{.Actor.Attributes.name}}',
    '--filter',
    'type=container',
  ]);
  let text = '';
  child.stdout?.on('data', (chunk) => (text += String(chunk)));
  // Until it watches: what it is told before that is lost to it.
  for (let count = 0; text === ''; count++) {
    await outcomeOf(engine.start(['run', '--rm', '--name', `try-${count}`, 'busybox', 'true']));
  }
  engine.ok('run', '--rm', '--name', 'after', 'busybox', 'true');
  await until('the end', () => text.includes('destroy after\n'));
  child.kill('SIGTERM');
  await outcomeOf(child);
  assert.doesNotMatch(text, /before/);
  assert.ok(text.endsWith('create after\nstart after\ndie after\ndestroy after\n'), text);
});

test('events --until ends by itself', async () => {
  using engine = new Engine();
  const child = engine.start(['events', '--until', '-1s']);
  engine.ok('run', '--rm', 'busybox', 'true');
  assert.equal((await outcomeOf(child)).code, 0);
});

test('200 starts of 8 processes: no event is lost or doubled, and each container has its own in order', async () => {
  using engine = new Engine();
  const [processes, starts] = [8, 25];
  const script = `i=0; while [ $i -lt ${starts} ]; do "$0" run --rm busybox true || exit 1; i=$((i+1)); done`;
  const children = Array.from({ length: processes }, () =>
    spawn('sh', ['-c', script, CORTEN], { env: engine.env }),
  );
  const outcomes = await Promise.all(children.map(outcomeOf));
  for (const { code, stderr } of outcomes) assert.equal(code, 0, stderr);
  const records = readFileSync(join(engine.store, 'events/log'), 'utf8')
    .trim()
    .split('\n')
    .map(
      (line) => JSON.parse(line) as { readonly number: number; readonly id: string; readonly action: string },
    );
  assert.equal(records.length, processes * starts * 4);
  assert.ok(records.every(({ number }, index) => number === index + 1));
  const byId = Map.groupBy(records, ({ id }) => id);
  assert.equal(byId.size, processes * starts);
  for (const own of byId.values()) {
    assert.deepEqual(
      own.map(({ action }) => action),
      ['create', 'start', 'die', 'destroy'],
    );
  }
});
