import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToLatin1 } from '../base/bytes.ts';
import { isCortenError } from '../base/errors.ts';
import type { ArchiveErrorCode } from './errors.ts';
import { TarReader } from './tar-reader.ts';
import { archiveOf, concat } from './testing/archive-of.ts';
import { base256, END, pax, raw } from './testing/raw-header.ts';
import { type ReadEntry, readArchive } from './testing/read-archive.ts';

function read(...parts: readonly Uint8Array[]): ReadEntry[] {
  return readArchive(concat([...parts, END]));
}

function only(...parts: readonly Uint8Array[]): ReadEntry {
  const [first, ...others] = read(...parts);
  assert.ok(first !== undefined && others.length === 0);
  return first;
}

function refuses(code: ArchiveErrorCode, archive: Uint8Array): void {
  assert.throws(
    () => readArchive(archive),
    (error) => isCortenError(error) && error.code === code,
    `${code} expected`,
  );
}

test('TarReader gives the same entries in whatever pieces the archive comes', () => {
  const archive = archiveOf(
    'dir/',
    { path: 'dir/f', content: 'x'.repeat(1500) },
    { path: `${'a/'.repeat(200)}g`, content: '1', xattrs: { 'user.n': 'v' } },
    'l -> dir/f',
    'h => dir/f',
  );
  const whole = readArchive(archive);
  assert.equal(whole.length, 5);
  for (const piece of [1, 7, 511, 512, 513, 1025]) assert.deepEqual(readArchive(archive, piece), whole);
});

test('TarReader joins the prefix of ustar and star, and leaves alone what GNU tar has there', () => {
  assert.equal(only(raw({ name: 'name', at: { 345: 'pre/fix' } })).path, 'pre/fix/name');
  assert.equal(only(raw({ name: 'n'.repeat(100), at: { 345: 'p'.repeat(155) } })).path.length, 256);
  assert.equal(
    only(raw({ name: 'n', at: { 345: 'p'.repeat(131), 476: '7777', 508: 'tar\0' } })).path.length,
    133,
  );
  assert.equal(only(raw({ name: 'name', at: { 257: 'ustar  \0', 345: '00000000000' } })).path, 'name');
  assert.equal(only(raw({ name: 'name', at: { 257: '\0\0\0\0\0\0\0\0' } })).path, 'name');
});

test('TarReader takes long names and links of GNU tar, which end at a NUL', () => {
  const path = 'p'.repeat(700);
  const link = 'l'.repeat(513);
  const found = only(
    raw({ name: '././@LongLink', flag: 'K', content: `${link}\0` }),
    raw({ name: '././@LongLink', flag: 'L', content: `${path}\0` }),
    raw({ name: 'p'.repeat(100), flag: '2' }),
  );
  assert.equal(found.path, path);
  assert.equal(bytesToLatin1(found.entry.link), link);
});

test('TarReader reads numbers of base 256, negative times among them', () => {
  const found = only(
    raw({
      name: 'f',
      at: { 108: base256(4_294_967_295n, 8), 116: base256(70_000n, 8), 136: base256(-5n, 12) },
    }),
  );
  assert.equal(found.entry.uid, 4_294_967_295);
  assert.equal(found.entry.gid, 70_000);
  assert.equal(found.entry.mtime.seconds, -5);
  refuses('ARCHIVE_CORRUPT', raw({ name: 'f', size: base256(-1n, 12) }));
  refuses('ARCHIVE_CORRUPT', raw({ name: 'f', size: base256(1n << 60n, 12) }));
  refuses('ARCHIVE_CORRUPT', raw({ name: 'f', at: { 108: base256(1n << 32n, 8) } }));
});

test('TarReader reads blank and padded numbers as other readers do and refuses texts', () => {
  assert.equal(only(raw({ name: 'f', at: { 100: '   644 \0', 108: '        ' } })).entry.mode, 0o644);
  refuses('ARCHIVE_CORRUPT', raw({ name: 'f', at: { 108: '0000009\0' } }));
  refuses('ARCHIVE_CORRUPT', raw({ name: 'f', size: '-0000000001\0' }));
});

test('TarReader takes all that a PAX header says of an entry, and for that entry alone', () => {
  const records = [
    ['path', 'from/p\xe4x'],
    ['uid', '4294967295'],
    ['gid', '123456'],
    ['mtime', '1700000000.0123456789'],
    ['SCHILY.xattr.user.a%3Db', 'binary\n\0=1'],
    ['SCHILY.xattr.user.e', ''],
    ['comment', 'ignored'],
  ] as const;
  const [first, second] = read(pax(records), raw({ name: 'short' }), raw({ name: 'plain' }));
  assert.equal(first?.path, 'from/p\xe4x');
  assert.deepEqual([first?.entry.uid, first?.entry.gid], [4_294_967_295, 123_456]);
  assert.deepEqual(first?.entry.mtime, { seconds: 1_700_000_000, nanoseconds: 12_345_678 });
  const xattrs = [...(first?.entry.xattrs ?? [])].map(([name, value]) => [name, bytesToLatin1(value)]);
  assert.deepEqual(xattrs, [
    ['user.a=b', 'binary\n\0=1'],
    ['user.e', ''],
  ]);
  assert.equal(second?.path, 'plain');
  assert.equal(second?.entry.xattrs.size, 0);
});

test('TarReader lets the size of a PAX header count, and an empty value leave the header alone', () => {
  const found = only(
    pax([
      ['size', '5'],
      ['path', ''],
    ]),
    raw({ name: 'f', size: 0, content: 'hello' }),
  );
  assert.equal(found.content, 'hello');
  assert.equal(found.path, 'f');
});

test('TarReader cuts times before 1970 towards the past', () => {
  const mtime = (text: string): unknown => only(pax([['mtime', text]]), raw({ name: 'f' })).entry.mtime;
  assert.deepEqual(mtime('-1.25'), { seconds: -2, nanoseconds: 750_000_000 });
  assert.deepEqual(mtime('-1'), { seconds: -1, nanoseconds: 0 });
  assert.deepEqual(mtime('-0.0000000001'), { seconds: -1, nanoseconds: 999_999_999 });
  assert.deepEqual(mtime('5.'), { seconds: 5, nanoseconds: 0 });
  refuses('ARCHIVE_CORRUPT', concat([pax([['mtime', '1e9']]), raw({ name: 'f' })]));
});

test('TarReader applies a global header to what follows and lets an entry overrule it', () => {
  const global = pax(
    [
      ['uid', '7'],
      ['SCHILY.xattr.user.g', '1'],
    ],
    'g',
  );
  const [first, second] = read(global, raw({ name: 'a' }), pax([['uid', '8']]), raw({ name: 'b' }));
  assert.deepEqual([first?.entry.uid, second?.entry.uid], [7, 8]);
  assert.equal(second?.entry.xattrs.size, 1);
  assert.equal(read(global, pax([['uid', '']], 'g'), raw({ name: 'c' }))[0]?.entry.uid, 0);
  for (const key of ['path', 'linkpath', 'size', 'GNU.sparse.size']) {
    refuses('ARCHIVE_CORRUPT', concat([pax([[key, '1']], 'g'), raw({ name: 'f' })]));
  }
});

test('TarReader knows every type of entry and the directories of old archives', () => {
  const types = [...'\x0001234567'].map(
    (flag) => only(raw({ name: 'n', flag, at: { 157: 'l' } })).entry.type,
  );
  const named = ['file', 'file', 'hardlink', 'symlink', 'character', 'block', 'directory', 'fifo', 'file'];
  assert.deepEqual(types, named);
  assert.equal(only(raw({ name: 'dir/', flag: '\0' })).entry.type, 'directory');
  const device = { 329: '0000010\x000000003\0' };
  assert.deepEqual(only(raw({ name: 'd', flag: '4', at: device })).entry.device, { major: 8, minor: 3 });
  // Content of types that have none is not in the archive (GNU tar, Go), that of a dumped directory is.
  assert.equal(read(raw({ name: 'h', flag: '1', size: 999 }), raw({ name: 'f' })).length, 2);
  assert.equal(read(raw({ name: 'd/', flag: 'D', content: 'Yf\0' }), raw({ name: 'f' })).length, 2);
  assert.deepEqual(
    read(raw({ name: 'label', flag: 'V' }), raw({ name: 'f' })).map(({ path }) => path),
    ['f'],
  );
  refuses('ARCHIVE_UNSUPPORTED', raw({ name: 'part two', flag: 'M' }));
});

test('TarReader verifies checksums, of unsigned and of signed bytes', () => {
  const name = 'n\xe4me';
  assert.equal(only(raw({ name, signed: true })).path, name);
  const archive = concat([raw({ name }), raw({ name: 'second' })]);
  archive[512 + 3] = 1;
  refuses('ARCHIVE_CORRUPT', archive);
});

test('TarReader says at once that something is no tar archive', () => {
  const erofs = new Uint8Array(4096);
  erofs.set([0xe2, 0xe1, 0xf5, 0xe0], 1024);
  erofs[0] = 1;
  const squashfs = new Uint8Array(512);
  squashfs.set([0x68, 0x73, 0x71, 0x73]);
  for (const bytes of [erofs, squashfs, new Uint8Array(0), new Uint8Array(10)])
    refuses('ARCHIVE_NOT_TAR', bytes);
});

test('TarReader.finish() throws ARCHIVE_TRUNCATED wherever an archive is cut within an entry', () => {
  const archive = concat([
    pax([['uid', '1']]),
    raw({ name: 'file', content: 'x'.repeat(600) }),
    raw({ name: 'b' }),
  ]);
  const whole = [1024 + 512 + 1024, archive.length];
  for (let end = 512; end <= archive.length; end += 64) {
    if (whole.includes(end)) assert.ok(readArchive(archive.subarray(0, end)).length > 0);
    else refuses('ARCHIVE_TRUNCATED', archive.subarray(0, end));
  }
});

test('TarReader takes nothing after the end mark and refuses entries after a lone block of zeros', () => {
  const zero = new Uint8Array(512);
  assert.equal(readArchive(concat([raw({ name: 'a' }), END, raw({ name: 'b' })])).length, 1);
  assert.equal(readArchive(concat([raw({ name: 'a' }), zero])).length, 1);
  refuses('ARCHIVE_CORRUPT', concat([raw({ name: 'a' }), zero, raw({ name: 'b' })]));
});

test('TarReader refuses headers beyond its limit before it keeps them', () => {
  const reader = new TarReader({ entry: () => undefined, data: () => undefined }, { maxHeader: 100 });
  assert.throws(
    () => reader.push(raw({ name: 'x', flag: 'x', size: 101 })),
    (error) => isCortenError(error) && error.code === 'ARCHIVE_LIMIT',
  );
});

test('TarReader refuses damaged PAX records', () => {
  const bodies = [
    '5 a=b',
    '6 a=b',
    '99 a=b\n',
    '6 ab\n\n',
    'x a=b\n',
    '5 =b\n\n',
    '-6 a=b\n',
    '999999999 a=b\n',
    '0 a=b\n',
  ];
  for (const content of bodies)
    refuses('ARCHIVE_CORRUPT', concat([raw({ name: 'x', flag: 'x', content }), raw({ name: 'f' })]));
});
