import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TempStore } from '../testing/temp-store.ts';
import { openStore } from './open-store.ts';

const UNUSABLE = { code: 'STORE_UNUSABLE' };

test('openStore() makes a store that only its owner can enter, below folders as usual', () => {
  using temp = new TempStore();
  const root = join(temp.folder, 'a/b/store');
  openStore(root)[Symbol.dispose]();
  const modeOf = (path: string) => statSync(path).mode & 0o777;
  assert.equal(modeOf(root), 0o700);
  assert.equal(modeOf(join(root, 'blobs')), 0o700);
  assert.equal(modeOf(join(temp.folder, 'a/b')), 0o777 & ~process.umask() & 0o755);
});

test('openStore() refuses a store that others could write', () => {
  using temp = new TempStore();
  mkdirSync(temp.root);
  for (const mode of [0o770, 0o702, 0o1777]) {
    chmodSync(temp.root, mode);
    assert.throws(() => openStore(temp.root), UNUSABLE, mode.toString(8));
  }
  chmodSync(temp.root, 0o755);
  openStore(temp.root)[Symbol.dispose]();
  chownSync(temp.root, 12345, 0);
  assert.throws(() => openStore(temp.root), UNUSABLE);
});

test('openStore() says where no store can be', () => {
  using temp = new TempStore();
  writeFileSync(join(temp.folder, 'file'), '');
  assert.throws(() => openStore('/proc/store'), UNUSABLE);
  assert.throws(() => openStore('/proc/1/a/b/c'), UNUSABLE);
  assert.throws(() => openStore(join(temp.folder, 'file')), UNUSABLE);
  assert.throws(() => openStore(join(temp.folder, 'file/below')), UNUSABLE);
  assert.throws(() => openStore('relative'), UNUSABLE);
});
