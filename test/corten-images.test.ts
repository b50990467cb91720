import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Engine } from './engine/engine.ts';
import { makeBusybox } from './engine/images.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

function helloArchive(): Buffer {
  return execFileSync(process.execPath, ['scripts/hello-image.mjs', 'native-target/hello'], {
    cwd: ROOT,
    maxBuffer: 1 << 26,
  });
}

/** An archive as docker save makes it, by GNU tar alone. */
function dockerArchive(folder: string, name: string): string {
  const [root, parts] = [join(folder, 'root'), join(folder, 'parts')];
  makeBusybox(root);
  mkdirSync(parts);
  execFileSync('tar', ['-C', root, '-cf', join(parts, 'layer.tar'), '.']);
  const diffId = createHash('sha256')
    .update(readFileSync(join(parts, 'layer.tar')))
    .digest('hex');
  const config = {
    architecture: 'amd64',
    os: 'linux',
    config: { Cmd: ['sh'], Env: ['PATH=/bin'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${diffId}`] },
  };
  writeFileSync(join(parts, 'config.json'), JSON.stringify(config));
  writeFileSync(
    join(parts, 'manifest.json'),
    JSON.stringify([{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }]),
  );
  const archive = join(folder, 'docker.tar');
  execFileSync('tar', ['-C', parts, '-cf', archive, 'layer.tar', 'config.json', 'manifest.json']);
  return archive;
}

test('load, run, images and image rm of hello, an image like any other', () => {
  using engine = new Engine();
  const loaded = engine.call(['load'], { input: helloArchive() });
  assert.deepEqual([loaded.text, loaded.code], ['Loaded image: hello:latest\n', 0], loaded.stderr);
  assert.match(engine.ok('run', '--rm', 'hello'), /^Hello from a container\./);
  assert.match(
    engine.ok('images'),
    /^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE\n[^]*^hello +latest +[0-9a-f]{12} +\d+ \w+ ago +\d/m,
  );
  const [inspected] = JSON.parse(engine.ok('inspect', 'hello:latest')) as [
    { Id: string; RepoTags: string[]; Config: { Entrypoint: string[] } },
  ];
  assert.deepEqual([inspected.RepoTags, inspected.Config.Entrypoint], [['hello:latest'], ['/hello']]);
  assert.equal(engine.ok('image', 'inspect', '-f', '{{.Id}}', 'hello'), inspected.Id);
  assert.match(engine.ok('run', '--rm', inspected.Id.slice(7, 19)), /^Hello from a container\./);
  assert.match(engine.ok('image', 'rm', 'hello'), /^Untagged: hello:latest\nDeleted: sha256:/);
  assert.equal(engine.call(['inspect', 'hello:latest']).code, 1);
  assert.equal(engine.call(['run', '--rm', '--pull=never', 'hello']).code, 125);
  assert.deepEqual(engine.traces(), []);
});

test('archives that other tools made run: by tar, gzip and skopeo', () => {
  using engine = new Engine();
  const docker = dockerArchive(engine.folder, 'made:1');
  const oci = join(engine.folder, 'oci.tar');
  execFileSync('skopeo', ['copy', '-q', `docker-archive:${docker}`, `oci-archive:${oci}:byskopeo:2`]);
  execFileSync('gzip', ['-k', docker]);
  assert.equal(engine.ok('load', '-i', docker), 'Loaded image: made:1');
  assert.equal(engine.ok('load', '-q', '-i', oci), 'Loaded image: byskopeo:2');
  assert.equal(engine.ok('load', '-i', `${docker}.gz`), 'Loaded image: made:1');
  for (const image of ['made:1', 'byskopeo:2']) {
    assert.equal(
      engine.ok('run', '--rm', '-u', 'jane', image, 'sh', '-c', 'echo $(id -un) $(stat -c %a /tmp)'),
      'jane 1777',
      image,
    );
  }
});

test('an image in use is refused to rmi, and with -f its container runs on', () => {
  using engine = new Engine();
  engine.ok(
    'run',
    '-d',
    '--name',
    'user',
    'busybox',
    'sh',
    '-c',
    'while [ ! -e /tmp/go ]; do sleep 0.02; done; cat /etc/passwd',
  );
  const refused = engine.call(['rmi', 'busybox']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /The image busybox is in use by the container user/);
  engine.ok('rmi', '-f', 'busybox');
  assert.deepEqual(readdirSync(join(engine.store, 'layers')), []);
  engine.ok('exec', 'user', 'touch', '/tmp/go');
  assert.equal(engine.ok('wait', 'user'), '0');
  assert.match(engine.ok('logs', 'user'), /^jane:/m);
});

test('an empty store has no images, and a container made from one that is gone says so', () => {
  using engine = new Engine();
  engine.ok('rmi', 'busybox');
  assert.equal(engine.ok('images', '-q'), '');
  const { code, stderr } = engine.call(['run', '--rm', '--pull=never', 'busybox']);
  assert.equal(code, 125);
  assert.match(
    stderr,
    /^corten: No image "busybox" in the store: corten images lists them, corten pull brings one\n$/,
  );
});

test('an archive that is none is refused in one sentence', () => {
  using engine = new Engine();
  for (const input of ['garbage', Buffer.alloc(10_240)]) {
    const { code, text, stderr } = engine.call(['load'], { input });
    assert.deepEqual([code, text], [1, '']);
    assert.match(stderr, /^corten: [^\n]+\n$/);
  }
});

test('rmi takes one of several names from an image in use, and refuses the last', () => {
  using engine = new Engine();
  engine.ok('create', '--name', 'user', 'busybox', 'true');
  engine.ok('tag', 'busybox', 'other');
  engine.ok('rmi', 'busybox');
  assert.match(engine.call(['rmi', 'other']).stderr, /The image other is in use by the container user/);
  assert.equal(engine.ok('image', 'exists', 'other'), '');
  assert.equal(engine.call(['image', 'exists', 'busybox']).code, 1);
});

test('exists answers by its exit code for containers, volumes and networks too', () => {
  using engine = new Engine();
  engine.ok('create', '--name', 'one', 'busybox', 'true');
  engine.ok('volume', 'create', '--name', 'one');
  for (const [kind, name] of [
    ['container', 'one'],
    ['volume', 'one'],
    ['network', 'bridge'],
  ] as const) {
    assert.equal(engine.call([kind, 'exists', name]).code, 0, kind);
    const { code, stderr } = engine.call([kind, 'exists', 'nosuch']);
    assert.deepEqual([code, stderr], [1, ''], kind);
  }
});
