import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToLatin1, latin1ToBytes } from '../base/bytes.ts';
import { isCortenError } from '../base/errors.ts';
import { ErofsReader } from './erofs-reader.ts';
import { ErofsWriter, PLAIN_META, ROOT } from './erofs-writer.ts';
import { contentOf, treeOf } from './testing/converted.ts';
import { MemoryImage } from './testing/memory-image.ts';

const at = (name: string, directory = ROOT): { directory: number; name: Uint8Array } => ({
  directory,
  name: latin1ToBytes(name),
});

function written(build: (writer: ErofsWriter) => void): { image: MemoryImage; size: number } {
  const image = new MemoryImage();
  const writer = new ErofsWriter(image);
  build(writer);
  return { image, size: writer.finish().size };
}

function names(image: MemoryImage, path: string): string[] {
  const reader = new ErofsReader(image);
  return reader.list(reader.lookup(path) ?? reader.root).map(({ name }) => bytesToLatin1(name));
}

test('ErofsWriter keeps content of every size around the borders of tails and blocks', () => {
  const sizes = [
    0, 1, 1983, 1984, 1985, 2048, 4031, 4032, 4033, 4095, 4096, 4097, 6143, 8192, 65_536, 1_048_577,
  ];
  const byte = (i: number): number => (i * 7 + (i >> 8)) & 255;
  const { image, size } = written((writer) => {
    for (const length of sizes) {
      writer.file(at(`f${length}`), PLAIN_META, length);
      const content = new Uint8Array(length).map((_, i) => byte(i));
      // In pieces that don't meet the borders.
      for (let from = 0; from < length; from += 1000) writer.data(content.subarray(from, from + 1000));
    }
  });
  assert.equal(image.bytes.length, size);
  const reader = new ErofsReader(image);
  for (const length of sizes) {
    const inode = reader.lookup(`f${length}`);
    assert.ok(inode !== undefined && inode.size === length);
    assert.ok(
      contentOf(reader, inode).every((value, i) => value === byte(i)),
      `f${length}`,
    );
  }
});

test('ErofsWriter sorts names by bytes, "." and ".." among them', () => {
  const all = [
    '!',
    '+',
    '-x',
    '.',
    '..',
    '.a',
    '...',
    '..a',
    '.-',
    '/'.replace('/', '0'),
    'Z',
    'a',
    'aa',
    '\x80',
    '\xff',
  ];
  const own = all.filter((name) => name !== '.' && name !== '..');
  const { image } = written((writer) => {
    for (const name of own.toReversed()) writer.file(at(name), PLAIN_META, 0);
  });
  assert.deepEqual(names(image, ''), own.toSorted());
  const block = new Uint8Array(4096);
  image.pread(block, new ErofsReader(image).root.content[0]?.position ?? 0);
  const text = bytesToLatin1(block);
  assert.ok(text.includes(all.toSorted().join('')), 'the names with the dots lie in order');
});

test('ErofsWriter lays directories of any size so that each name is found', () => {
  for (const count of [1, 100, 340, 341, 342, 5000]) {
    const name = (i: number): string => `${i}`.padEnd(1 + (i % 255), 'n');
    const { image } = written((writer) => {
      const directory = writer.directory(at('d'), PLAIN_META);
      for (let i = 0; i < count; i++) writer.file(at(name(i), directory), { ...PLAIN_META, uid: i }, 0);
    });
    const reader = new ErofsReader(image);
    for (let i = 0; i < count; i++) assert.equal(reader.lookup(`d/${name(i)}`)?.uid, i);
    assert.equal(reader.lookup('d/missing'), undefined);
    assert.equal(names(image, 'd').length, count);
  }
});

test('ErofsWriter keeps owners of 32 bits, times with nanoseconds on both sides of 1970, and devices', () => {
  const times = [-(2 ** 40), -1, 0, 2 ** 31, 2 ** 33 + 1].map((seconds) => ({
    seconds,
    nanoseconds: 999_999_999,
  }));
  const { image } = written((writer) => {
    times.forEach((mtime, i) => {
      writer.special(
        at(`${i}`),
        { ...PLAIN_META, mode: 0o20600, mtime, uid: 2 ** 32 - 1 },
        { major: 259, minor: 70_000 + i },
      );
      writer.describe(writer.directory(at(`d${i}`), PLAIN_META), { ...PLAIN_META, mtime, gid: 2 ** 32 - 2 });
    });
  });
  const reader = new ErofsReader(image);
  times.forEach((mtime, i) => {
    const device = reader.lookup(`${i}`);
    assert.deepEqual(device?.mtime, mtime);
    assert.deepEqual(device?.device, { major: 259, minor: 70_000 + i });
    assert.equal(device?.uid, 2 ** 32 - 1);
    assert.deepEqual(reader.lookup(`d${i}`)?.mtime, mtime);
    assert.equal(reader.lookup(`d${i}`)?.gid, 2 ** 32 - 2);
  });
});

test('ErofsWriter keeps attributes of all namespaces and sizes, of files, links and directories', () => {
  const xattrs = new Map(
    ['user.a', 'trusted.b', 'security.capability', 'system.posix_acl_access', 'system.posix_acl_default'].map(
      (name, i) => [name, new Uint8Array(i * 1001).fill(i)],
    ),
  );
  xattrs.set(`user.${'n'.repeat(255)}`, new Uint8Array(50_000).fill(9));
  const { image } = written((writer) => {
    for (let i = 0; i < 20; i++) writer.file(at(`f${i}`), { ...PLAIN_META, xattrs }, 0);
    writer.directory(at('d'), { ...PLAIN_META, xattrs });
    writer.symlink(at('l'), { ...PLAIN_META, xattrs }, latin1ToBytes('target'));
  });
  const reader = new ErofsReader(image);
  for (const path of ['f0', 'f19', 'd', 'l']) {
    const found = reader.xattrs(reader.lookup(path) ?? reader.root);
    assert.deepEqual([...found.keys()].toSorted(), [...xattrs.keys()].toSorted());
    for (const [name, value] of xattrs) assert.deepEqual(found.get(name), value, name);
  }
  assert.equal(bytesToLatin1(reader.readlink(reader.lookup('l') ?? reader.root)), 'target');
});

test('ErofsWriter refuses attributes that EROFS has no number for and more than the root has room for', () => {
  const refuses = (code: string, build: (writer: ErofsWriter) => void): void =>
    assert.throws(
      () => written(build),
      (error) => isCortenError(error) && error.code === code,
    );
  const value = new Uint8Array(3000);
  for (const name of ['system.nfs4_acl', 'btrfs.compression', 'user.', 'user.\0']) {
    const meta = { ...PLAIN_META, xattrs: new Map([[name, value]]) };
    refuses('ARCHIVE_UNSUPPORTED', (writer) => writer.file(at('f'), meta, 0));
  }
  const large = { ...PLAIN_META, xattrs: new Map([['user.a', value]]) };
  refuses('ARCHIVE_LIMIT', (writer) => writer.describe(ROOT, large));
});

test('ErofsWriter keeps targets of symbolic links up to the longest', () => {
  const lengths = [1, 59, 3000, 4031, 4032, 4033, 4095];
  const { image } = written((writer) => {
    for (const length of lengths)
      writer.symlink(at(`${length}`), PLAIN_META, new Uint8Array(length).fill(0x61));
    for (const length of lengths) assert.equal(writer.readLink(writer.find(at(`${length}`))).length, length);
  });
  const reader = new ErofsReader(image);
  for (const length of lengths) {
    assert.equal(
      bytesToLatin1(reader.readlink(reader.lookup(`${length}`) ?? reader.root)),
      'a'.repeat(length),
    );
  }
});

test('ErofsWriter needs little more room than the content', () => {
  const { size } = written((writer) => {
    for (let i = 0; i < 1000; i++) writer.file(at(`f${i}`), PLAIN_META, 0);
  });
  // 64 bytes an inode, about 20 a name.
  assert.ok(size < 110_000, `${size}`);
  assert.equal(written(() => undefined).size, 8192);
});

test('ErofsReader refuses what is no image of ours and one that is cut short or damaged', () => {
  const { image } = written((writer) => writer.file(at('f'), PLAIN_META, 5000));
  const code = (expected: string) => (error: unknown) => isCortenError(error) && error.code === expected;
  assert.throws(() => new ErofsReader(new MemoryImage()), code('ARCHIVE_IMAGE_DAMAGED'));
  const compressed = new MemoryImage();
  compressed.pwrite(image.bytes, 0);
  compressed.pwrite(latin1ToBytes('\x01'), 1024 + 80);
  assert.throws(() => new ErofsReader(compressed), code('ARCHIVE_UNSUPPORTED'));
  const cut = new MemoryImage();
  cut.pwrite(image.bytes.subarray(0, 6000), 0);
  assert.throws(() => treeOf(cut), code('ARCHIVE_IMAGE_DAMAGED'));
});
