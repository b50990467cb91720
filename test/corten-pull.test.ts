import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine } from './engine/engine.ts';
import { makeArchive } from './registry/archives.ts';
import { DebianRegistry } from './registry/debian-registry.ts';

test('pull brings an image by tag and by digest, and says what it does', async () => {
  using engine = new Engine();
  using registry = await DebianRegistry.start();
  await registry.fill(makeArchive(engine.folder), 'tools/box:1');
  const name = `${registry.host}/tools/box`;
  const { Digest: digest } = await registry.inspect('tools/box:1');
  const first = engine.call(['pull', `${name}:1`]);
  assert.equal(first.code, 0, first.stderr);
  assert.equal(first.text, `Digest: ${digest}\nStatus: Downloaded newer image for ${name}:1\n${name}:1\n`);
  assert.match(
    first.stderr,
    /^1: Pulling from .*\/tools\/box\n(?:[0-9a-f]{12}: Pulling fs layer\n){2}(?:[0-9a-f]{12}: Pull complete\n){2}$/,
  );
  const again = engine.call(['pull', `${name}:1`]);
  assert.match(again.text, /Status: Image is up to date for /);
  assert.match(again.stderr, /(?:[0-9a-f]{12}: Already exists\n){2}$/);
  assert.equal(engine.ok('pull', '-q', `${name}@${digest}`), `${name}@${digest}`);
  for (const image of [`${name}:1`, `${name}@${digest}`]) {
    assert.equal(engine.ok('run', '--rm', '--pull=never', image, 'cat', '/note'), 'upper');
  }
  assert.deepEqual(readdirSync(join(engine.store, 'tmp')), ['lock']);
});

test('run pulls what is missing, always, or never', async () => {
  using engine = new Engine();
  using registry = await DebianRegistry.start();
  await registry.fill(makeArchive(engine.folder), 'box:latest');
  const name = `${registry.host}/box`;
  const never = engine.call(['run', '--rm', '--pull', 'never', name, 'true']);
  assert.deepEqual([never.code, never.text], [125, '']);
  assert.match(never.stderr, /^corten: No image /);
  const missing = engine.call(['run', '--rm', name, 'cat', '/note']);
  assert.deepEqual([missing.code, missing.text], [0, 'upper']);
  assert.match(missing.stderr, /^The image .* is not in the store: pulling it\nlatest: Pulling from /);
  const there = engine.call(['run', '--rm', name, 'cat', '/note']);
  assert.deepEqual([there.text, there.stderr], ['upper', '']);
  const always = engine.call(['run', '--rm', '-q', '--pull=always', name, 'cat', '/note']);
  assert.equal(always.text, 'upper');
  const wrong = engine.call(['run', '--rm', `${registry.host}/none`, 'true']);
  assert.deepEqual([wrong.code, wrong.text], [125, '']);
  assert.match(wrong.stderr, /corten: The registry .* has no tag latest in none/);
  assert.equal(engine.call(['run', '--pull=sometimes', name]).code, 125);
  assert.deepEqual(engine.traces(), []);
});

test('pull --progress json prints objects as Docker does', async () => {
  using engine = new Engine();
  using registry = await DebianRegistry.start();
  await registry.fill(makeArchive(engine.folder), 'box:latest');
  const { code, text, stderr } = engine.call(['pull', '--progress=json', `${registry.host}/box`]);
  assert.deepEqual([code, stderr], [0, '']);
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { status: string; id?: string; aux?: { ID: string } });
  assert.equal(lines.filter(({ status }) => status === 'Pull complete').length, 2);
  assert.match(lines.at(-1)?.aux?.ID ?? '', /^sha256:[0-9a-f]{64}$/);
  assert.equal(engine.call(['pull', '--progress=odd', 'x']).code, 125);
});

test('bars are drawn on a terminal', async () => {
  using engine = new Engine();
  using registry = await DebianRegistry.start();
  await registry.fill(makeArchive(engine.folder), 'box:latest');
  const file = join(engine.folder, 'typescript');
  const command = `${process.env['CORTEN'] ?? 'bin/corten'} pull ${registry.host}/box`;
  writeFileSync(file, '');
  const output = execFileSync('script', ['-qefc', command, file], { encoding: 'utf8', env: engine.env });
  assert.match(output, /\x1b\[2A\r\x1b\[2K[0-9a-f]{12}: /);
  assert.match(output, /: Pull complete\r?\n[^]*Status: Downloaded newer image/);
});

test('zstd and plain layers, and manifests of Docker, are pulled too', async () => {
  using engine = new Engine();
  using registry = await DebianRegistry.start();
  await registry.fill(makeArchive(engine.folder, ['zstd', 'plain']), 'mixed:1');
  await registry.fill(makeArchive(engine.folder), 'docker:1', '--format', 'v2s2');
  for (const name of ['mixed:1', 'docker:1']) {
    assert.equal(engine.ok('run', '--rm', '-q', `${registry.host}/${name}`, 'cat', '/note'), 'upper', name);
  }
});
