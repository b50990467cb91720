import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LayerConverter } from '../../../pure/archive/layer-converter.ts';
import { archiveOf, type Words } from '../../../pure/archive/testing/archive-of.ts';
import { MemoryImage } from '../../../pure/archive/testing/memory-image.ts';
import { bytesToLatin1, latin1ToBytes } from '../../../pure/base/bytes.ts';
import { isCortenError } from '../../../pure/base/errors.ts';
import { attempt, sys } from '../../kernel/call.ts';
import { AT, O } from '../../kernel/constants.ts';
import { makeDirectories, openFile, readDirectory, writeAll } from '../../kernel/files.ts';
import { exit, fork, waitFor } from '../../kernel/process.ts';
import { removeTree } from '../../kernel/remove-tree.ts';
import { confineUnpacker } from './confine-unpacker.ts';
import { startUnpacking } from './unpack-confined.ts';

const PLACE = `/tmp/corten-unpack-${sys('getpid')}`;
const SIGSYS = 31;

function inPlace(body: () => void): void {
  makeDirectories(`${PLACE}/inside`);
  try {
    body();
  } finally {
    removeTree(AT.FDCWD, PLACE);
  }
}

function imageOf(...words: readonly Words[]): Uint8Array {
  const image = new MemoryImage();
  const converter = new LayerConverter(image);
  converter.push(archiveOf(...words));
  converter.finish();
  return image.bytes.slice();
}

/** Unpacks an image's bytes; the code of the error. */
function unpack(content: Uint8Array): string {
  using file = openFile(`${PLACE}/image`, O.RDWR | O.CREAT | O.TRUNC, 0o600);
  writeAll(file.number, content);
  using directory = openFile(`${PLACE}/inside`, O.RDONLY | O.DIRECTORY);
  try {
    startUnpacking({ images: [file.number], directory: directory.number, marks: 'applied' }).finish();
    return 'unpacked';
  } catch (error) {
    return isCortenError(error) ? error.code : String(error);
  }
}

/** What a confined process comes to: its exit code, or the signal. */
function confined(body: () => number): { readonly code: number; readonly signal: number } {
  const pid = fork();
  if (pid === 0) {
    try {
      using directory = openFile(`${PLACE}/inside`, O.RDONLY | O.DIRECTORY);
      confineUnpacker(directory.number);
      exit(body());
    } finally {
      exit(99);
    }
  }
  const status = waitFor(pid);
  return { code: status >> 8, signal: status & 0x7f };
}

test('a process that unpacks finds nothing of the host, by whatever path', () => {
  inPlace(() => {
    for (const path of ['/etc/passwd', '../../etc/passwd', '/proc/self/exe', '/../../../etc/passwd']) {
      const { code, signal } = confined(() => (attempt('openat', AT.FDCWD, path, O.RDONLY) === -2 ? 7 : 8));
      assert.deepEqual([code, signal], [7, 0], path);
    }
    const { code } = confined(() => (attempt('mkdirat', AT.FDCWD, '/made', 0o755) === 0 ? 7 : 8));
    assert.equal(code, 7);
    assert.deepEqual(readDirectory(`${PLACE}/inside`), ['made']);
  });
});

test('a process that unpacks is killed at the first call that leads anywhere else', () => {
  inPlace(() => {
    const calls: readonly (() => number)[] = [
      () => attempt('socket', 2, 1, 0),
      () => attempt('mount', 'none', '/', 'tmpfs', 0, null),
      () => attempt('unshare', 0x20000),
      () => attempt('chroot', '/'),
      () => attempt('clone3', new BigUint64Array(11), 88),
      () => attempt('execve', '/x', null, null),
      () => attempt('kill', 1, 0),
      () => attempt('setns', 0, 0),
      () => attempt('prctl', 38, 1, 0, 0, 0),
      () => attempt('memfd_create', 'x', 0),
      () => attempt('pidfd_getfd', 3, 0, 0),
      () => attempt('bpf', 0, null, 0),
    ];
    calls.forEach((call, index) => {
      assert.equal(confined(call).signal, SIGSYS, `call ${index}`);
    });
  });
});

test('an image that was made to leave its directory is refused', () => {
  inPlace(() => {
    const image = imageOf('aXb', 'dir/', 'dir/x');
    assert.equal(unpack(image), 'unpacked');
    removeTree(AT.FDCWD, `${PLACE}/inside`);
    makeDirectories(`${PLACE}/inside`);
    const text = bytesToLatin1(image);
    for (const name of ['a/b', '../', '/bc']) {
      const hostile = image.slice();
      hostile.set(latin1ToBytes(name), text.lastIndexOf('aXb'));
      assert.equal(unpack(hostile), 'SNAPSHOT_LAYER_DAMAGED', name);
      removeTree(AT.FDCWD, `${PLACE}/inside`);
      makeDirectories(`${PLACE}/inside`);
    }
    assert.equal(attempt('access', `${PLACE}/b`, 0), -2);
  });
});

test('images that are cut or damaged anywhere end in an error of ours, or in a tree', () => {
  inPlace(() => {
    const image = imageOf(
      { path: 'f', content: 'x'.repeat(9000) },
      'd/',
      'd/e/',
      'd/e/f',
      'l -> d',
      'h => f',
    );
    for (let index = 0; index < 40; index++) {
      const damaged =
        index % 4 === 0 ? image.slice(0, Math.floor((image.length * index) / 40)) : image.slice();
      for (let at = index; at < damaged.length; at += 977 + index)
        damaged[at] = (damaged[at] ?? 0) ^ (1 << (index % 8));
      const outcome = unpack(damaged);
      assert.ok(/^(?:unpacked|ARCHIVE_\w+|SNAPSHOT_\w+)$/.test(outcome), outcome);
      removeTree(AT.FDCWD, `${PLACE}/inside`);
      makeDirectories(`${PLACE}/inside`);
    }
  });
});
