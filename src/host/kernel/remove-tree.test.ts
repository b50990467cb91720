import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attempt, isSysError, sys } from './call.ts';
import { AT, CLONE, MNT_DETACH, MS, O } from './constants.ts';
import { createFile, makeDirectories, openFile } from './files.ts';
import { exit, fork, waitFor } from './process.ts';
import { removeTree } from './remove-tree.ts';

const PLACE = `/tmp/corten-remove-${sys('getpid')}`;

function isGone(): boolean {
  return attempt('access', PLACE, 0) === -2;
}

test('removeTree() removes names that are not UTF-8', () => {
  makeDirectories(PLACE);
  using directory = openFile(PLACE, O.RDONLY | O.DIRECTORY);
  sys('mkdirat', directory.number, new Uint8Array([0xff, 0xfe, 0]), 0o755);
  sys('symlinkat', 'x', directory.number, new Uint8Array([0xe9, 0]));
  removeTree(AT.FDCWD, PLACE);
  assert.ok(isGone());
});

test('removeTree() removes a tree deeper than there are descriptors or names in a path', () => {
  makeDirectories(PLACE);
  let inner = openFile(PLACE, O.RDONLY | O.DIRECTORY);
  for (let depth = 0; depth < 3000; depth++) {
    sys('mkdirat', inner.number, 'deep', 0o700);
    sys('mkdirat', inner.number, 'beside', 0o700);
    const next = sys('openat', inner.number, 'deep', O.RDONLY | O.DIRECTORY);
    inner.close();
    inner = openFile(`/proc/self/fd/${next}`, O.RDONLY | O.DIRECTORY);
    attempt('close', next);
  }
  inner.close();
  removeTree(AT.FDCWD, PLACE);
  assert.ok(isGone());
});

test('removeTree() removes what chattr protects, where the kernel lets it', () => {
  makeDirectories(`${PLACE}/inner`);
  createFile(`${PLACE}/inner/file`, '');
  for (const path of [`${PLACE}/inner/file`, `${PLACE}/inner`]) {
    using file = openFile(path, O.RDONLY);
    attempt('ioctl', file.number, 0x40086602, new Uint32Array([0x10, 0]));
  }
  removeTree(AT.FDCWD, PLACE);
  assert.ok(isGone());
});

test('removeTree() goes into no mount', () => {
  makeDirectories(`${PLACE}/mounted`);
  makeDirectories(`${PLACE}/kept`);
  createFile(`${PLACE}/kept/file`, '');
  const pid = fork();
  if (pid === 0) {
    sys('unshare', CLONE.NEWNS);
    sys('mount', 'none', '/', null, MS.REC | MS.PRIVATE, null);
    sys('mount', `${PLACE}/kept`, `${PLACE}/mounted`, null, MS.BIND, null);
    let isRefused = false;
    try {
      removeTree(AT.FDCWD, `${PLACE}/mounted`);
    } catch (error) {
      isRefused = isSysError(error, 'EXDEV', 'EBUSY');
    }
    sys('umount2', `${PLACE}/mounted`, MNT_DETACH);
    exit(isRefused ? 0 : 1);
  }
  assert.equal(waitFor(pid), 0);
  assert.equal(attempt('access', `${PLACE}/kept/file`, 0), 0);
  removeTree(AT.FDCWD, PLACE);
  assert.ok(isGone());
});

test('removeTree() removes what another process makes meanwhile', () => {
  for (let round = 0; round < 20; round++) {
    makeDirectories(`${PLACE}/inner`);
    const pid = fork();
    if (pid === 0) {
      for (let number = 0; number < 200; number++) {
        for (const folder of [PLACE, `${PLACE}/inner`])
          attempt('close', attempt('open', `${folder}/${number}`, O.WRONLY | O.CREAT, 0o600));
      }
      exit(0);
    }
    removeTree(AT.FDCWD, PLACE);
    waitFor(pid);
    assert.ok(isGone());
  }
});
