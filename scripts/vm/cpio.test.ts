import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { cpio } from './cpio.mjs';

const FOLDER = 0o040755;
const FILE = 0o100644;

test('cpio() makes an archive whose names and contents busybox reads', () => {
  const archive = cpio([
    { name: 'a', mode: FOLDER, content: Buffer.alloc(0) },
    { name: 'a/odd', mode: FILE, content: Buffer.from('seven b') },
    { name: 'a/even', mode: FILE, content: Buffer.from('four') },
  ]);
  const list = spawnSync('/bin/busybox', ['cpio', '-t'], { input: archive, encoding: 'utf8' });
  assert.equal(list.stdout, 'a\na/odd\na/even\n');
  const files = spawnSync('/bin/busybox', ['cpio', '-i', '--to-stdout', 'a/odd', 'a/even'], {
    input: archive,
    encoding: 'utf8',
  });
  assert.equal(files.stdout, 'seven bfour');
});
