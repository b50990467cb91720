// Many processes on one store, pulls that end early, collections beside them, and a check of it all.

import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Engine, outcomeOf, until } from './engine/engine.ts';
import { inTwo, remoteBox, type Blob, type RemoteBox } from './registry/remote-box.ts';
import { call } from './registry/run.ts';

/** How often, and from which offset, a blob was asked for. */
function askedFor({ registry }: RemoteBox, { digest }: Blob): readonly number[] {
  return registry.requests
    .filter((request) => request.startsWith(`GET /v2/box/blobs/${digest}`))
    .map((request) => Number(/bytes=(\d+)-/.exec(request)?.[1] ?? 0));
}

/** Without the lock, and what SQLite has beside it of a process that was killed, until the next one opens it. */
function parts(engine: Engine): readonly string[] {
  return readdirSync(join(engine.store, 'tmp')).filter((name) => !name.startsWith('lock'));
}

/** Whether a blob outlives the pull that brought it. */
function isKept(engine: Engine, { digest }: Blob): boolean {
  using database = new DatabaseSync(join(engine.store, 'images.db'));
  const sql = "SELECT 1 FROM leases WHERE holder = '' AND item = ?";
  return database.prepare(sql).get(digest) !== undefined;
}

function upper({ layers }: RemoteBox): Blob {
  const [, layer] = layers;
  assert.ok(layer);
  return layer;
}

test('several processes that pull the same image at once fetch each layer once', async () => {
  using engine = new Engine();
  using remote = await remoteBox(engine.folder);
  const slow = inTwo(remote, upper(remote), 300_000);
  const pulls = [1, 2, 3].map(() => call(engine, ['pull', '-q', remote.name]));
  await slow.begun;
  // The lower layer is whole by then or soon, in the store for all of them.
  await until('the lower layer', () =>
    remote.layers
      .slice(0, 1)
      .every(({ digest }) => readdirSync(join(engine.store, 'blobs/sha256')).includes(digest.slice(7))),
  );
  slow.open();
  for (const { code, stderr } of await Promise.all(pulls)) assert.equal(code, 0, stderr);
  for (const layer of remote.layers) assert.deepEqual(askedFor(remote, layer), [0]);
  assert.equal(
    engine.ok('run', '--rm', remote.name, 'wc', '-c', '/note').split(' ')[0],
    String(statSync(join(engine.folder, 'above-0/note')).size),
  );
  assert.deepEqual(parts(engine), []);
  // The tests' own maker of images leaves its blobs out.
  engine.ok('rmi', 'busybox');
  assert.match(engine.ok('system', 'check'), /^The store is whole: 1 images/);
});

for (const signal of ['SIGINT', 'SIGKILL'] as const) {
  test(`a pull that ${signal} ends goes on where it was, and brings no layer twice`, async () => {
    using engine = new Engine();
    using remote = await remoteBox(engine.folder);
    const slow = inTwo(remote, upper(remote), 300_000);
    const child = engine.start(['pull', '-q', remote.name]);
    await slow.begun;
    const [lower] = remote.layers;
    assert.ok(lower);
    await until('the lower layer', () => isKept(engine, lower));
    const part = join(engine.store, 'tmp', `${upper(remote).digest.slice(7)}.part`);
    await until('the first bytes', () => statSync(part, { throwIfNoEntry: false })?.size === 300_000);
    child.kill(signal);
    assert.equal((await outcomeOf(child)).signal, signal);
    slow.open();
    const again = await call(engine, ['pull', '-q', remote.name]);
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual(askedFor(remote, lower), [0]);
    assert.deepEqual(askedFor(remote, upper(remote)), [0, 300_000]);
    assert.deepEqual(parts(engine), []);
    engine.ok('rmi', 'busybox');
    assert.match(engine.ok('system', 'check'), /^The store is whole/);
  });
}

test('a part that is damaged is thrown away, and the whole fetched', async () => {
  using engine = new Engine();
  using remote = await remoteBox(engine.folder);
  const layer = upper(remote);
  await call(engine, ['pull', '-q', `${remote.registry.host}/box:absent`]);
  const start = Buffer.from(remote.registry.blobs.get(layer.digest)?.subarray(0, 300_000) ?? []);
  start[200_000] = (start[200_000] ?? 0) ^ 1;
  writeFileSync(join(engine.store, 'tmp', `${layer.digest.slice(7)}.part`), start);
  const { code, stderr } = await call(engine, ['pull', '-q', remote.name]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(askedFor(remote, layer), [300_000, 0]);
  assert.deepEqual(parts(engine), []);
});

test('what a running pull has brought stays, whatever collects meanwhile; what an ended one left goes by system prune', async () => {
  using engine = new Engine();
  using remote = await remoteBox(engine.folder);
  const slow = inTwo(remote, upper(remote), 300_000);
  const pull = call(engine, ['pull', '-q', remote.name]);
  await slow.begun;
  const [lower] = remote.layers;
  assert.ok(lower);
  const isThere = (): boolean =>
    readdirSync(join(engine.store, 'blobs/sha256')).includes(lower.digest.slice(7));
  await until('the lower layer', isThere);
  for (const args of [
    ['rmi', 'busybox'],
    ['image', 'prune', '-af'],
    ['system', 'prune', '-af'],
  ])
    engine.ok(...args);
  assert.ok(isThere());
  assert.match(engine.ok('system', 'df'), /Ended pulls +1 +0 +\d/);
  slow.open();
  assert.equal((await pull).code, 0);
  assert.deepEqual(askedFor(remote, lower), [0]);
  engine.ok('rmi', remote.name);
  assert.ok(!isThere(), 'an image that is removed leaves nothing');
  const cut = inTwo(remote, upper(remote), 300_000);
  const child = engine.start(['pull', '-q', remote.name]);
  await cut.begun;
  await until('the lower layer', isThere);
  child.kill('SIGKILL');
  await outcomeOf(child);
  cut.open();
  assert.notDeepEqual(parts(engine), []);
  assert.match(engine.ok('system', 'prune', '-f'), /Total reclaimed space: \d\S*[kM]B/);
  assert.ok(!isThere());
  assert.deepEqual(parts(engine), []);
  assert.match(engine.ok('system', 'check'), /^The store is whole: 0 images, 0 files/);
});

test('system check finds what is wrong, and --repair leaves a store that a pull makes whole', async () => {
  using engine = new Engine();
  using remote = await remoteBox(engine.folder);
  assert.equal((await call(engine, ['pull', '-q', remote.name])).code, 0);
  engine.ok('rmi', 'busybox');
  assert.match(engine.ok('system', 'check'), /^The store is whole: 1 images, 6 files/);
  const [blob, layer] = ['blobs/sha256', 'layers'].map((folder) => {
    const paths = readdirSync(join(engine.store, folder)).map((name) => join(engine.store, folder, name));
    return paths.toSorted((one, other) => statSync(other).size - statSync(one).size)[0] ?? '';
  });
  assert.ok(blob !== undefined && layer !== undefined);
  const { size } = statSync(layer);
  for (const path of [blob, layer]) chmodSync(path, 0o600);
  const bytes = readFileSync(blob);
  bytes[1000] = (bytes[1000] ?? 0) ^ 1;
  writeFileSync(blob, bytes);
  truncateSync(layer, size - 1);
  writeFileSync(join(engine.store, 'blobs/sha256', 'f'.repeat(64)), 'stray');
  writeFileSync(join(engine.store, 'index.json'), '{}');
  const found = engine.call(['system', 'check']);
  assert.equal(found.code, 1);
  assert.match(found.text, /^blobs\/sha256\/f{64} belongs to nothing$/m);
  assert.match(
    found.text,
    /^blobs\/sha256\/\w{64} is damaged \(it has digest .*\), and belongs to 127.*\/box:1$/m,
  );
  assert.match(
    found.text,
    new RegExp(`^layers/.*\\.erofs has ${size - 1} bytes and not ${size}, and belongs`, 'm'),
  );
  assert.match(found.text, /^index\.json says something else/m);
  assert.match(
    engine.call(['system', 'check', '--quick']).text,
    /^blobs\/sha256\/f{64} belongs to nothing\nlayers.*\nindex/,
  );
  const repaired = engine.call(['system', 'check', '--repair']);
  assert.equal(repaired.code, 0, repaired.text);
  assert.match(repaired.text, /: removed; pull or load 127.* again$/m);
  assert.equal((await call(engine, ['pull', '-q', remote.name])).code, 0);
  assert.match(engine.ok('system', 'check'), /^The store is whole: 1 images, 6 files/);
  rmSync(layer);
  assert.match(engine.call(['system', 'check', '--quick']).text, /^layers\/\S+ is missing, and belongs/);
});

test('system df and prune: what is counted is what is freed', () => {
  using engine = new Engine();
  engine.ok('run', '--name', 'ended', 'busybox', 'sh', '-c', 'head -c 100000 /dev/zero > /big');
  const df = engine.ok('system', 'df');
  assert.match(
    df,
    /^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE\nImages +1 +1 +\d\S+[kM]B +0B \(0%\)\nContainers +1 +0 +100kB +100kB \(100%\)\n/,
  );
  assert.match(engine.ok('system', 'df', '-v'), /busybox:latest +\w{12} .* yes\n[^]*ended +ended +100kB/);
  assert.equal(JSON.parse(engine.ok('system', 'df', '--format', 'json').split('\n')[0] ?? '').Type, 'Images');
  assert.equal(engine.call(['system', 'prune'], { input: 'n\n' }).text, '');
  const pruned = engine.ok('system', 'prune', '-f');
  assert.match(pruned, /^Deleted Containers:\n\w{64}\n\nTotal reclaimed space: 100kB$/);
  assert.equal(engine.ok('images', '-q').length, 12);
  assert.match(
    engine.ok('system', 'prune', '--all', '--force'),
    /^Deleted Images:\nuntagged: busybox:latest\ndeleted: sha256:/,
  );
  assert.deepEqual(readdirSync(join(engine.store, 'layers')), []);
});
