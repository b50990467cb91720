// store.keep_blobs: layers that run from their EROFS file alone, and their tars made again from it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine, type Outcome } from './engine/engine.ts';
import { DebianRegistry } from './registry/debian-registry.ts';
import { remoteBox } from './registry/remote-box.ts';
import { call, runTool } from './registry/run.ts';

function withSetting(engine: Engine, keep: string, ...args: readonly string[]): Promise<Outcome> {
  const file = join(engine.folder, `${keep}.toml`);
  writeFileSync(file, `[store]\nkeep_blobs = "${keep}"\n`);
  return call(engine, args, { CORTEN_CONFIG: file });
}

function blobsOf(engine: Engine): readonly string[] {
  return readdirSync(join(engine.store, 'blobs/sha256')).toSorted();
}

/** A root file system's tar with whatever a record has to bring back: links, devices, long names, holes, odd entries. */
function variedTar(folder: string): Buffer {
  const root = join(folder, 'varied');
  mkdirSync(join(root, 'd/e'), { recursive: true });
  writeFileSync(join(root, 'big'), Buffer.alloc(3_000_001, 'content '));
  writeFileSync(join(root, 'small'), 'x');
  writeFileSync(join(root, 'empty'), '');
  writeFileSync(join(root, 'd', 'n'.repeat(200)), 'y'.repeat(70_000));
  symlinkSync('../big', join(root, 'd/link'));
  execFileSync('ln', [join(root, 'big'), join(root, 'd/hard')]);
  execFileSync('mknod', [join(root, 'd/null'), 'c', '1', '3']);
  execFileSync('mkfifo', [join(root, 'd/fifo')]);
  execFileSync('truncate', ['-s', '5M', join(root, 'sparse')]);
  execFileSync('dd', [
    'if=/dev/zero',
    `of=${root}/sparse`,
    'bs=1000',
    'seek=2000',
    'count=70',
    'conv=notrunc',
    'status=none',
  ]);
  utimesSync(join(root, 'small'), 1.5, 2.25);
  return execFileSync('tar', ['-C', root, '--format=pax', '--sparse', '-cf', '-', '.'], {
    maxBuffer: 1 << 28,
  });
}

/** The folder that the archive's upper layer was made of. */
function aboveOf({ folder }: Engine): string {
  return readdirSync(folder).find((name) => name.startsWith('above-')) ?? '';
}

test('no: the image runs without its blobs, which are neither kept nor fetched where the layer is there', async () => {
  using engine = new Engine();
  engine.ok('rmi', 'busybox');
  using remote = await remoteBox(engine.folder);
  assert.equal((await withSetting(engine, 'no', 'pull', '-q', remote.name)).code, 0);
  assert.equal(blobsOf(engine).length, 2);
  assert.match(engine.ok('run', '--rm', remote.name, 'wc', '-c', '/note'), /^1\d{6} /);
  assert.match(engine.ok('system', 'check'), /^The store is whole/);
  remote.registry.requests.length = 0;
  const again = await withSetting(engine, 'no', 'pull', '-q', remote.name);
  assert.equal(again.code, 0, again.stderr);
  for (const { digest } of remote.layers)
    assert.ok(!remote.registry.requests.some((request) => request.includes(digest)));
  // Who changes his mind gets them with the next pull.
  assert.equal((await withSetting(engine, 'yes', 'pull', '-q', remote.name)).code, 0);
  assert.equal(blobsOf(engine).length, 4);
  engine.ok('rmi', remote.name);
  assert.deepEqual([blobsOf(engine), readdirSync(join(engine.store, 'layers'))], [[], []]);
});

test('save and push make the tars again: same DiffIDs and files, and another digest is told', async () => {
  using engine = new Engine();
  engine.ok('rmi', 'busybox');
  using remote = await remoteBox(engine.folder);
  assert.equal((await withSetting(engine, 'no', 'pull', '-q', remote.name)).code, 0);
  const id = engine.ok('image', 'inspect', '-f', '{{.Id}}', remote.name);
  const saved = join(engine.folder, 'saved.tar');
  const { code, stderr } = await withSetting(engine, 'no', 'save', '-o', saved, remote.name);
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /^corten: The blobs of 127\S+box:1 are not kept: its layers are plain tar, and its manifest is sha256:\w+, not sha256:\w+\n$/,
  );
  // The registry that it came from has its blobs: it gets the very manifest.
  const manifest = remote.registry.manifests.get('1');
  assert.ok(manifest);
  using registry = await DebianRegistry.start();
  const pushed = await withSetting(engine, 'no', 'push', remote.name, `${registry.host}/new:1`);
  assert.equal(pushed.code, 0, pushed.stderr);
  assert.match(pushed.stderr, /compressed anew, its manifest is sha256/);
  const copy = join(engine.folder, 'copy');
  await runTool('skopeo', [
    'copy',
    '-q',
    '--src-tls-verify=false',
    `docker://${registry.host}/new:1`,
    `oci:${copy}:x`,
  ]);
  await runTool('umoci', ['unpack', '--image', `${copy}:x`, join(engine.folder, 'bundle')]);
  assert.equal(
    statSync(join(engine.folder, 'bundle/rootfs/note')).size,
    statSync(join(engine.folder, aboveOf(engine), 'note')).size,
  );
  const second = await withSetting(engine, 'no', 'push', remote.name, `${registry.host}/again:2`);
  assert.equal(second.code, 0, second.stderr);
  engine.ok('rmi', remote.name);
  engine.ok('load', '-i', saved);
  assert.equal(engine.ok('image', 'inspect', '-f', '{{.Id}}', remote.name), id);
});

test('a registry that has the blobs gets the manifest as it was, also in another repository', async () => {
  using engine = new Engine();
  using remote = await remoteBox(engine.folder);
  using registry = await DebianRegistry.start();
  assert.equal((await call(engine, ['pull', '-q', remote.name])).code, 0);
  const name = `${registry.host}/one:1`;
  engine.ok('tag', remote.name, name);
  assert.equal((await withSetting(engine, 'until-pushed', 'push', '-q', name)).code, 0);
  const left = blobsOf(engine);
  for (const { digest } of remote.layers) assert.ok(!left.includes(digest.slice(7)), 'until it is pushed');
  const moved = await withSetting(engine, 'until-pushed', 'push', name, `${registry.host}/two:1`);
  assert.equal(moved.code, 0, moved.stderr);
  assert.doesNotMatch(moved.stderr, /compressed anew/);
  assert.equal((await registry.inspect('two:1')).Digest, (await registry.inspect('one:1')).Digest);
});

test('a tar of every kind of entry is made again byte for byte', async () => {
  using engine = new Engine();
  engine.ok('rmi', 'busybox');
  const tar = variedTar(engine.folder);
  const file = join(engine.folder, 'varied.tar');
  writeFileSync(file, tar);
  const imported = await withSetting(engine, 'no', 'import', file, 'varied');
  assert.equal(imported.code, 0, imported.stderr);
  assert.equal(blobsOf(engine).length, 2);
  const [record] = readdirSync(join(engine.store, 'layers')).filter((name) => name.endsWith('.tar-record'));
  assert.ok(record !== undefined);
  assert.ok(
    statSync(join(engine.store, 'layers', record)).size < 5000,
    'what is content lies in the layer alone',
  );
  const layout = join(engine.folder, 'layout');
  engine.ok('save', '-o', `oci:${layout}`, 'varied');
  const { Layers } = JSON.parse(await runTool('skopeo', ['inspect', `oci:${layout}`])) as {
    readonly Layers: readonly string[];
  };
  assert.ok(readFileSync(join(layout, 'blobs/sha256', Layers[0]?.slice(7) ?? '')).equals(tar));
});

test('a layer whose tar has what its files have not keeps its blob', async () => {
  using engine = new Engine();
  engine.ok('rmi', 'busybox');
  const [one, two] = ['one', 'two'].map((name) => {
    const folder = join(engine.folder, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'same'), name.repeat(1000));
    return execFileSync('tar', ['-C', folder, '-cf', '-', 'same']);
  });
  assert.ok(one !== undefined && two !== undefined);
  // The second entry takes the place of the first, whose content is then nowhere else.
  const file = join(engine.folder, 'twice.tar');
  writeFileSync(file, Buffer.concat([one.subarray(0, 512 + 3072), two]));
  assert.equal((await withSetting(engine, 'no', 'import', file, 'twice')).code, 0);
  assert.equal(blobsOf(engine).length, 3);
  assert.match(engine.ok('system', 'check'), /^The store is whole/);
});

test('system check knows records, and a damaged one is no tar', async () => {
  using engine = new Engine();
  engine.ok('rmi', 'busybox');
  using remote = await remoteBox(engine.folder);
  await withSetting(engine, 'no', 'pull', '-q', remote.name);
  const layers = join(engine.store, 'layers');
  const records = readdirSync(layers).filter((name) => name.endsWith('.tar-record'));
  assert.equal(records.length, 2);
  rmSync(join(layers, records[0] ?? ''));
  const found = engine.call(['system', 'check']);
  assert.equal(found.code, 1);
  assert.match(found.text, /^layers\/\w+\.tar-record is missing/);
  assert.equal(engine.call(['save', '-o', join(engine.folder, 'x.tar'), remote.name]).code, 1);
  assert.equal(engine.call(['system', 'check', '--repair']).code, 0);
  assert.match(
    engine.call(['save', '-o', join(engine.folder, 'x.tar'), remote.name]).stderr,
    /The store has lost the blob/,
  );
  assert.equal((await withSetting(engine, 'yes', 'pull', '-q', remote.name)).code, 0);
  engine.ok('save', '-o', join(engine.folder, 'x.tar'), remote.name);
});
