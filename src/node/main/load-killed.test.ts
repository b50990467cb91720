import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildImage, layerOf, ociArchive } from '../images/testing/image-builder.ts';
import { TempStore } from '../images/testing/temp-store.ts';

const PROGRAM = fileURLToPath(new URL('./corten-node.ts', import.meta.url));
const FIRST = ociArchive(buildImage({ layers: [layerOf('a', 'first')] }), 'first');
const SECOND = ociArchive(buildImage({ layers: [layerOf('a', 'first'), layerOf('b', 'second')] }), 'second');

/** The calls that change a store, those of SQLite included. */
const CALLS = 'mkdir,rename,unlink,rmdir,chmod,fsync,fdatasync,ftruncate,pwrite64';

/** Loads an archive; the process is killed as it enters the nth of those calls, if it comes so far. */
function loadKilledAt(store: TempStore, archive: Uint8Array, nth: number): boolean {
  const env = { ...process.env, CORTEN_STORE: store.root };
  const inject = `inject=${CALLS}:signal=SIGKILL:when=${nth}`;
  const trace = ['-f', '-qqq', '-o', '/dev/null', '-e', `trace=${CALLS}`, '-e', inject];
  const { status, signal } = spawnSync('strace', [...trace, process.execPath, PROGRAM, 'load'], {
    input: archive,
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  return status !== 0 || signal !== null;
}

test('a load that is killed before any call that changes the store leaves one that the next load makes right', async () => {
  using whole = new TempStore();
  await whole.load(FIRST);
  const without = whole.state();
  await whole.load(SECOND);
  const both = whole.state();
  let kills = 0;
  let outcomes = 0;
  for (let nth = 1; ; nth += 1 + Math.floor(nth / 8)) {
    using store = new TempStore();
    await store.load(FIRST);
    if (!loadKilledAt(store, SECOND, nth)) break;
    kills++;
    await store.load(FIRST);
    const state = store.state();
    const isWhole = state.length === both.length;
    if (isWhole) outcomes++;
    assert.deepEqual(state, isWhole ? both : without, `killed at call ${nth}`);
    await store.load(SECOND);
    assert.deepEqual(store.state(), both, `loaded again after call ${nth}`);
  }
  assert.ok(kills > 10, `${kills} kills`);
  assert.ok(outcomes < kills);
});

test('the first load of all may be killed at any point, too', async () => {
  using whole = new TempStore();
  await whole.load(FIRST);
  for (let nth = 1; ; nth += 1 + Math.floor(nth / 8)) {
    using store = new TempStore();
    if (!loadKilledAt(store, FIRST, nth)) break;
    await store.load(FIRST);
    assert.deepEqual(store.state(), whole.state(), `killed at call ${nth}`);
  }
});
