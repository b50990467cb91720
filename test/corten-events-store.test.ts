// Events of images, networks and volumes, those that the program on Node tells among them, in docker's words.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine } from './engine/engine.ts';
import { NetworkHost } from './network/host.ts';
import { makeArchive } from './registry/archives.ts';
import { DebianRegistry } from './registry/debian-registry.ts';

/** `TYPE ACTION` and more, a line each. */
function told(engine: Engine, format: string, ...filters: readonly string[]): readonly string[] {
  const words = ['events', '--stream=false', '--format', format];
  return engine
    .ok(...words, ...filters.flatMap((filter) => ['--filter', filter]))
    .split('\n')
    .filter((line) => line !== '');
}

test('pull, push, save, load and import are on record before the command ends', async () => {
  using engine = new Engine();
  using registry = await DebianRegistry.start();
  await registry.fill(makeArchive(engine.folder, ['gzip', 'gzip']), 'a/box:1');
  const [name, other] = [`${registry.host}/a/box`, `${registry.host}/b`];
  engine.ok('pull', '-q', `${name}:1`);
  engine.ok('tag', `${name}:1`, other);
  engine.ok('push', '-q', other);
  const archive = join(engine.folder, 'saved.tar');
  engine.ok('save', '-o', archive, other);
  const id = engine.ok('inspect', '--format', '{{.Id}}', other);
  engine.ok('rmi', other);
  engine.ok('load', '-q', '-i', archive);
  engine.ok('run', '--name', 'c', 'busybox', 'true');
  engine.ok('export', '-o', join(engine.folder, 'root.tar'), 'c');
  engine.ok('import', join(engine.folder, 'root.tar'), 'imported');
  const imported = engine.ok('inspect', '--format', '{{.Id}}', 'imported');
  assert.deepEqual(told(engine, '{{.Action}} {{.Actor.ID}} {{.Actor.Attributes.name}}', 'type=image'), [
    `pull ${name}:1 ${name}`,
    `tag ${id} ${other}:latest`,
    `push ${other}:latest ${other}`,
    `save ${id} ${other}:latest`,
    `untag ${id} ${other}:latest`,
    `load ${id} ${other}:latest`,
    `import ${imported} imported`,
  ]);
  assert.deepEqual(told(engine, '{{.Action}}', `image=${other}`), ['tag', 'push', 'save', 'untag', 'load']);
  assert.deepEqual(told(engine, '{{.Action}}', 'event=load'), ['load']);
});

test('a pull that fails, and one by run, tell what happened and nothing else', async () => {
  using engine = new Engine();
  using registry = await DebianRegistry.start();
  await registry.fill(makeArchive(engine.folder, ['gzip', 'gzip']), 'box:latest');
  assert.notEqual(engine.call(['pull', `${registry.host}/none`]).code, 0);
  engine.call(['run', '--rm', `${registry.host}/box`, 'true']);
  assert.deepEqual(told(engine, '{{.Actor.ID}}', 'event=pull'), [`${registry.host}/box:latest`]);
});

test('volumes: made, mounted, unmounted and gone, anonymous ones too; prunes', () => {
  using engine = new Engine();
  engine.ok('run', '--rm', '--name', 'c', '-v', 'v:/data:ro', '-v', '/more', 'busybox', 'true');
  const [first = '', ...lines] = told(engine, '{{.Action}} {{.Actor.ID}}', 'type=volume');
  const anonymous = [first, ...lines].find((line) => /create [0-9a-f]{64}$/.test(line))?.slice(7) ?? '';
  assert.deepEqual(
    [first, ...lines].toSorted(),
    [
      `create ${anonymous}`,
      'create v',
      `destroy ${anonymous}`,
      `mount ${anonymous}`,
      'mount v',
      `unmount ${anonymous}`,
      'unmount v',
    ].toSorted(),
  );
  assert.match(
    told(engine, '{{json .Actor.Attributes}}', 'volume=v', 'event=mount')[0] ?? '',
    /^\{"container":"[0-9a-f]{64}","destination":"\/data","driver":"local","propagation":"\w*","read\/write":"false"\}$/,
  );
  const order = told(
    engine,
    '{{.Type}} {{.Action}}',
    'event=mount',
    'event=start',
    'event=die',
    'event=unmount',
    'event=destroy',
  );
  assert.deepEqual(
    [order[0], order[2], order[3], order.at(-2), order.at(-1)],
    ['volume mount', 'container start', 'container die', 'container destroy', 'volume destroy'],
  );
  engine.ok('volume', 'prune', '-af');
  engine.ok('container', 'prune', '-f');
  engine.ok('image', 'prune', '-f');
  engine.ok('network', 'prune', '-f');
  assert.deepEqual(told(engine, '{{.Type}}', 'event=prune'), ['volume', 'container', 'image', 'network']);
});

test('networks: made, connected by a start and a command, disconnected by an end and a command, and gone', async () => {
  await using host = await NetworkHost.make();
  host.ok('network', 'create', 'one');
  host.ok('network', 'create', 'two');
  const id = host.idle('--name', 'c', '--network', 'one');
  host.ok('network', 'connect', 'two', 'c');
  host.ok('network', 'disconnect', 'two', 'c');
  host.ok('rm', '-f', 'c');
  host.ok('network', 'rm', 'two');
  host.ok('network', 'prune', '-f');
  assert.deepEqual(told(host, '{{.Action}} {{.Actor.Attributes.name}}', 'type=network').slice(0, -1), [
    'create one',
    'create two',
    'connect one',
    'connect two',
    'disconnect two',
    'disconnect one',
    'destroy two',
    'destroy one',
  ]);
  const attributes = `{"container":"${id}","name":"one","type":"bridge"}`;
  assert.deepEqual(told(host, '{{json .Actor.Attributes}}', 'network=one', 'event=connect'), [attributes]);
});
