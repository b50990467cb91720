import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attempt, isSysError, sys } from './call.ts';
import { AT, O, S } from './constants.ts';
import {
  createFile,
  makeDirectories,
  openFile,
  readAll,
  readDirectory,
  readText,
  readTextIfThere,
  replaceDurably,
  replaceFile,
} from './files.ts';
import { removeTree } from './remove-tree.ts';
import { statusOf } from './stat.ts';

const PLACE = `/tmp/corten-files-${sys('getpid')}`;

function inPlace(body: () => void): void {
  makeDirectories(`${PLACE}/deep/er`);
  try {
    body();
  } finally {
    removeTree(AT.FDCWD, PLACE);
  }
  assert.equal(attempt('access', PLACE, 0), -2);
}

test('createFile() makes a file of mode 0600 and refuses an existing one', () => {
  inPlace(() => {
    createFile(`${PLACE}/a`, 'ä\n');
    using fd = openFile(`${PLACE}/a`, O.RDONLY);
    assert.equal(statusOf(fd.number).mode, S.IFREG | 0o600);
    assert.equal(statusOf(fd.number).size, 3);
    assert.throws(
      () => createFile(`${PLACE}/a`, ''),
      (error: unknown) => isSysError(error, 'EEXIST'),
    );
  });
});

for (const replace of [replaceFile, replaceDurably])
  test(`${replace.name}() leaves the new text and no temporary file`, () => {
    inPlace(() => {
      replace(`${PLACE}/a`, 'one');
      replace(`${PLACE}/a`, 'two');
      assert.equal(readText(`${PLACE}/a`), 'two');
      assert.deepEqual(readDirectory(PLACE).sort(), ['a', 'deep']);
    });
  });

test('readAll() reads what is larger than its first buffer and refuses what is larger than its limit', () => {
  inPlace(() => {
    createFile(`${PLACE}/a`, 'x'.repeat(100_000));
    assert.equal(readText(`${PLACE}/a`).length, 100_000);
    using fd = openFile(`${PLACE}/a`, O.RDONLY);
    assert.throws(() => readAll(fd.number, 50_000), /50000 bytes/);
  });
});

test('readTextIfThere() tells a missing file from one that cannot be read', () => {
  assert.equal(readTextIfThere('/no/such/file'), undefined);
  assert.throws(
    () => readTextIfThere('/etc'),
    (error: unknown) => isSysError(error, 'EISDIR'),
  );
});

test('removeTree() removes links and never what they point to', () => {
  inPlace(() => {
    makeDirectories(`${PLACE}/kept`);
    createFile(`${PLACE}/kept/file`, '');
    sys('symlink', '../kept', `${PLACE}/deep/link`);
    removeTree(AT.FDCWD, `${PLACE}/deep`);
    assert.deepEqual(readDirectory(`${PLACE}/kept`), ['file']);
  });
});
