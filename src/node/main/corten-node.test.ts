import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildImage, dockerEntries, layerOf, ociArchive } from '../images/testing/image-builder.ts';
import { tarOf } from '../images/testing/tar-builder.ts';
import { TempStore } from '../images/testing/temp-store.ts';

const PROGRAM = fileURLToPath(new URL('./corten-node.ts', import.meta.url));
const BIG = ociArchive(
  buildImage({ layers: [layerOf('a', 'x'.repeat(8 << 20)), layerOf('b', 'y'.repeat(8 << 20))] }),
  'big',
);

function run(store: TempStore, args: readonly string[], input: Uint8Array) {
  const env = { ...process.env, CORTEN_STORE: store.root };
  return spawnSync(process.execPath, [PROGRAM, ...args], { input, env, encoding: 'utf8' });
}

function start(store: TempStore): ChildProcess {
  const env = { ...process.env, CORTEN_STORE: store.root };
  const child = spawn(process.execPath, [PROGRAM, 'load'], { env, stdio: ['pipe', 'ignore', 'ignore'] });
  // A loader that is ended doesn't read on.
  child.stdin?.on('error', () => undefined);
  return child;
}

test('load prints each name, and the ID of an image without one', () => {
  using store = new TempStore();
  const image = buildImage({ layers: [layerOf('a', '1')] });
  const tagged = run(store, ['load', '--quiet'], tarOf(dockerEntries(image, ['a', 'quay.io/b/c:2'])));
  assert.equal(tagged.stderr, '');
  assert.equal(tagged.stdout, 'Loaded image: a:latest\nLoaded image: quay.io/b/c:2\n');
  const bare = run(store, ['load'], tarOf(dockerEntries(image, null)));
  assert.match(bare.stdout, /^Loaded image ID: sha256:[0-9a-f]{64}\n$/);
  assert.equal(bare.status, 0);
});

test('what fails is one line on standard error and exit code 1', () => {
  using store = new TempStore();
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['load'], /^corten: The archive[^\n]*\n$/],
    [['load', 'x.tar'], /^corten: load takes no argument "x\.tar"[^\n]*\n$/],
    [['fetch'], /^corten: Unknown verb "fetch"[^\n]*\n$/],
    [[], /^corten: Unknown verb ""[^\n]*\n$/],
  ];
  for (const [args, message] of cases) {
    const { status, stdout, stderr } = run(store, args, Buffer.from('no archive'));
    assert.match(stderr, message);
    assert.deepEqual([status, stdout], [1, '']);
  }
});

test('loads of the same and of other images at the same time all come in', async () => {
  using store = new TempStore();
  const other = ociArchive(buildImage({ layers: [layerOf('c', 'z')] }), 'other');
  const children = [BIG, BIG, other].map((archive) => {
    const child = start(store);
    child.stdin?.end(archive);
    return once(child, 'exit');
  });
  assert.deepEqual(
    (await Promise.all(children)).map(([code]) => code),
    [0, 0, 0],
  );
  assert.deepEqual(store.query('SELECT name FROM image_references ORDER BY name'), [
    ['docker.io/library/big:latest'],
    ['docker.io/library/other:latest'],
  ]);
  assert.deepEqual(readdirSync(join(store.root, 'tmp')), ['lock']);
});

test('a load that is ended by a signal takes its temporary files along', async () => {
  using store = new TempStore();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    const child = start(store);
    // Half an archive, and the pipe stays open: the loader waits with files on the disk.
    child.stdin?.write(BIG.subarray(0, BIG.length / 2));
    await untilSpooled(store);
    child.kill(signal);
    assert.deepEqual(await once(child, 'exit'), [null, signal]);
    assert.deepEqual(readdirSync(join(store.root, 'tmp')), ['lock'], signal);
  }
});

test('a load that is killed leaves nothing that the next load does not remove', async () => {
  using store = new TempStore();
  const small = ociArchive(buildImage({ layers: [layerOf('s', 's')] }), 'small');
  assert.equal(run(store, ['load'], small).status, 0);
  const clean = store.state();
  for (const delay of [0, 5, 10, 15, 20, 25, 30, 40, 50, 70]) {
    const child = start(store);
    child.stdin?.end(BIG);
    const exit = once(child, 'exit');
    await untilSpooled(store);
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill('SIGKILL');
    await exit;
    const loaded = store.query("SELECT 1 FROM image_references WHERE name LIKE '%/big:%'").length > 0;
    assert.equal(run(store, ['load'], small).status, 0);
    if (!loaded) assert.deepEqual(store.state(), clean, `killed after ${delay} ms`);
    if (loaded) break;
  }
});

/** Waits until a loader has a file of the archive on the disk. */
async function untilSpooled(store: TempStore): Promise<void> {
  const tmp = join(store.root, 'tmp');
  for (let tries = 0; tries < 2000; tries++) {
    const folders = existsSync(tmp) ? readdirSync(tmp).filter((name) => name.length === 32) : [];
    if (folders.some((name) => existsSync(join(tmp, name, '0')))) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.fail('the loader never wrote a file');
}
