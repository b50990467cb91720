// version, info, container prune and help: what the engine says of itself, and takes away.

import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Engine } from './engine/engine.ts';

test('version has one line, many, or what a template asks for', () => {
  using engine = new Engine();
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  assert.equal(engine.ok('--version'), `corten version ${version}`);
  assert.equal(
    engine.ok('version', '--format', '{{.Client.Version}} {{.Server.Version}}'),
    `${version} ${version}`,
  );
  assert.equal(engine.ok('version', '-f', '{{.Server.Os}}/{{.Client.Arch}}'), 'linux/amd64');
  assert.match(engine.ok('version'), new RegExp(`^Client:\\n[^]*^  Version: ${version}$`, 'm'));
  const document = JSON.parse(engine.ok('version', '--format', 'json')) as Record<string, object>;
  assert.deepEqual(Object.keys(document), ['Client', 'Server']);
});

test('info counts containers by state and images, and knows the machine', () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--name', 'up', 'busybox', 'sleep', '1000');
  engine.ok('run', '-d', '--name', 'frozen', 'busybox', 'sleep', '1000');
  engine.ok('pause', 'frozen');
  engine.ok('run', '--name', 'ended', 'busybox', 'true');
  engine.ok('create', '--name', 'made', 'busybox', 'true');
  const counts =
    '{{.Containers}} {{.ContainersRunning}} {{.ContainersPaused}} {{.ContainersStopped}} {{.Images}}';
  assert.equal(engine.ok('info', '--format', counts), '4 1 1 2 1');
  assert.equal(
    engine.ok('info', '-f', '{{.Name}} {{.DockerRootDir}} {{.DefaultRuntime}}'),
    `${hostname()} ${engine.store} runt`,
  );
  const document = JSON.parse(engine.ok('system', 'info', '--format', 'json')) as Record<string, unknown>;
  assert.equal(document['KernelVersion'], readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim());
  assert.ok(Number(document['MemTotal']) > 0 && Number(document['NCPU']) > 0);
  assert.match(engine.ok('info'), /^Containers: 4$/m);
});

test('container prune removes what does not run, by filters, and asks before', () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--name', 'up', 'busybox', 'sleep', '1000');
  engine.ok('run', '--name', 'one', '-l', 'keep=no', 'busybox', 'sh', '-c', 'head -c 4000 /dev/zero >/f');
  engine.ok('run', '--name', 'two', '-l', 'keep=yes', 'busybox', 'true');
  engine.ok('create', '--name', 'three', 'busybox', 'true');
  const left = (): string => engine.ok('ps', '-a', '--format', '{{.Names}}').replaceAll('\n', ' ');
  engine.ok('container', 'prune', '-f', '--filter', 'until=1h');
  assert.equal(engine.call(['container', 'prune'], { input: 'n\n' }).code, 0);
  assert.equal(left(), 'three two one up');
  assert.match(
    engine.ok('container', 'prune', '-f', '--filter', 'label=keep=no'),
    /^Deleted Containers:\n[0-9a-f]{64}\n\nTotal reclaimed space: 4kB$/,
  );
  assert.equal(left(), 'three two up');
  engine.ok('container', 'prune', '-f', '--filter', 'label!=keep');
  assert.equal(left(), 'two up');
  engine.call(['container', 'prune'], { input: 'y\n' });
  assert.equal(left(), 'up');
  assert.equal(engine.ok('container', 'prune', '-f'), 'Total reclaimed space: 0B');
  assert.equal(engine.call(['container', 'prune', '-f', '--filter', 'name=up']).code, 125);
});
