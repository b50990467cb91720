// Files that a registry keeps, alone and about an image.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FakeRegistry } from '../src/node/registry/testing/fake-registry.ts';
import { Engine } from './engine/engine.ts';
import { makeArchive } from './registry/archives.ts';
import { DebianRegistry } from './registry/debian-registry.ts';
import { call, runTool } from './registry/run.ts';

test('files go to a registry and come back, as an artifact that others read', async () => {
  using engine = new Engine();
  using registry = await DebianRegistry.start();
  const [one, two] = ['one.txt', 'two.json'].map((name) => join(engine.folder, name));
  assert.ok(one !== undefined && two !== undefined);
  writeFileSync(one, randomBytes(9 << 20));
  writeFileSync(two, '{}');
  const name = `${registry.host}/files:1`;
  const pushed = await call(engine, [
    'artifact',
    'push',
    '--artifact-type=x/y',
    '--annotation=a=b c',
    name,
    one,
    `${two}:application/json`,
  ]);
  assert.equal(pushed.code, 0, pushed.stderr);
  const raw = JSON.parse(
    await runTool('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${name}`]),
  );
  assert.deepEqual(
    [raw.artifactType, raw.annotations, raw.layers[1].mediaType],
    ['x/y', { a: 'b c' }, 'application/json'],
  );
  const target = join(engine.folder, 'back');
  const pulled = await call(engine, ['artifact', 'pull', '-o', target, name]);
  assert.equal(pulled.text, 'one.txt\ntwo.json\n', pulled.stderr);
  for (const path of [one, two])
    assert.ok(readFileSync(join(target, path.split('/').at(-1) ?? '')).equals(readFileSync(path)));
  writeFileSync(join(target, 'two.json'), 'mine');
  const again = await call(engine, ['artifact', 'pull', '-o', target, name]);
  assert.match(again.stderr, /two\.json is there already: --force replaces it|one\.txt is there already/);
  assert.equal(readFileSync(join(target, 'two.json'), 'utf8'), 'mine');
  assert.equal(
    (
      await call(engine, [
        'artifact',
        'pull',
        '-f',
        '-o',
        target,
        `${registry.host}/files@${pushed.text.trim()}`,
      ])
    ).code,
    0,
  );
  assert.equal(readFileSync(join(target, 'two.json'), 'utf8'), '{}');
});

test('an artifact about an image is one of its referrers, also where the registry knows none', async () => {
  using engine = new Engine();
  using registry = await DebianRegistry.start();
  await registry.fill(makeArchive(engine.folder), 'box:1');
  const file = join(engine.folder, 'sbom.json');
  const name = `${registry.host}/box`;
  const digests: string[] = [];
  for (const [text, type] of [
    ['1', 'x/sbom'],
    ['2', 'x/scan'],
  ] as const) {
    writeFileSync(file, text);
    const {
      code,
      stderr,
      text: digest,
    } = await call(engine, [
      'artifact',
      'push',
      '--subject',
      `${name}:1`,
      '--artifact-type',
      type,
      name,
      file,
    ]);
    assert.equal(code, 0, stderr);
    digests.push(digest.trim());
  }
  const { text } = await call(engine, ['registry', 'referrers', `${name}:1`]);
  assert.match(text, new RegExp(`^DIGEST.*\n${digests[0]} +x/sbom .*\n${digests[1]} +x/scan `));
  const found = await call(engine, [
    'artifact',
    'pull',
    '-o',
    join(engine.folder, 'x'),
    `${name}@${digests[1]}`,
  ]);
  assert.equal(found.text, 'sbom.json\n', found.stderr);
  const other = await call(engine, ['artifact', 'push', '--subject', `${registry.host}/other:1`, name, file]);
  assert.match(other.stderr, /lies in another repository/);
});

test('an artifact can name no file outside its directory, and one that lies leaves nothing', async () => {
  using engine = new Engine();
  using registry = await FakeRegistry.start();
  const target = join(engine.folder, 'target');
  const content = Buffer.from('content');
  const put = (title: string, more: object = {}): void => {
    const layer = {
      mediaType: 'a/b',
      digest: registry.addBlob(content),
      size: content.length,
      annotations: { 'org.opencontainers.image.title': title },
      ...more,
    };
    const first = {
      ...layer,
      annotations: { 'org.opencontainers.image.title': 'first' },
      digest: registry.addBlob(content),
      size: content.length,
    };
    const manifest = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: layer,
      layers: [first, layer],
    };
    registry.addManifest('1', manifest.mediaType, Buffer.from(JSON.stringify(manifest)));
  };
  const liar = `sha256:${'a'.repeat(64)}`;
  const cases: readonly (readonly [() => void, RegExp])[] = [
    [() => put('../up'), /calls a file "\.\.\/up", which is no plain name/],
    [() => put('/etc/x'), /is no plain name/],
    [() => put('.hidden'), /is no plain name/],
    [() => put(''), /is no plain name/],
    [
      () => {
        put('x', { digest: liar });
        registry.blobs.set(liar, content);
      },
      /has digest sha256/,
    ],
    [() => put('x', { size: 3 }), /which should be 3/],
  ];
  for (const [prepare, message] of cases) {
    prepare();
    const { code, stderr } = await call(engine, ['artifact', 'pull', '-o', target, `${registry.host}/a:1`]);
    assert.match(stderr, message);
    assert.equal(code, 1);
    assert.equal(existsSync(target), false, stderr);
  }
  assert.ok(!readdirSync(engine.folder).includes('up'));
});
