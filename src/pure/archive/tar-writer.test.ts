import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToLatin1, latin1ToBytes } from '../base/bytes.ts';
import { isCortenError } from '../base/errors.ts';
import { TarWriter } from './tar-writer.ts';
import { archiveOf, entryOf, type Sketch } from './testing/archive-of.ts';
import { readArchive } from './testing/read-archive.ts';

const MANY: readonly Sketch[] = [
  { path: 'dir/', mode: 0o1777, uid: 3_000_000_000, gid: 2_097_152, seconds: -2, nanoseconds: 750_000_000 },
  {
    path: 'dir/file',
    content: 'x'.repeat(1000),
    mode: 0o4755,
    nanoseconds: 1,
    xattrs: { 'user.a=%b': 'v\n\0' },
  },
  { path: `${'p'.repeat(120)}/${'n'.repeat(100)}`, content: 'split' },
  { path: `${'q'.repeat(300)}/\xff`, content: 'long' },
  { path: 'link', type: 'symlink', link: 't'.repeat(3000) },
  { path: 'hard', type: 'hardlink', link: 'dir/file' },
  { path: 'null', type: 'character', device: { major: 1, minor: 3 }, seconds: 8_589_934_592 },
  { path: 'fifo', type: 'fifo' },
  { path: '__proto__', content: 'p' },
];

test('TarWriter writes what TarReader reads back, field by field', () => {
  const found = readArchive(archiveOf(...MANY));
  assert.equal(found.length, MANY.length);
  MANY.forEach((sketch, i) => {
    assert.deepEqual(found[i]?.entry, entryOf(sketch));
    assert.equal(found[i]?.content, sketch.content ?? '');
  });
});

test('TarWriter gives the same bytes for the same entries, whatever the order of their attributes', () => {
  const a = archiveOf(...MANY, { path: 'x', xattrs: { 'user.b': '1', 'user.a': '2' } });
  const b = archiveOf(...MANY, { path: 'x', xattrs: { 'user.a': '2', 'user.b': '1' } });
  assert.deepEqual(a, b);
});

test('TarWriter counts the digits of a record that make it longer by one', () => {
  // 99 bytes with two digits would be 100 with three: lengths around the step.
  for (let length = 80; length < 100; length++) {
    const value = 'v'.repeat(length);
    const [found] = readArchive(archiveOf({ path: 'f', xattrs: { 'user.n': value } }));
    assert.equal(bytesToLatin1(found?.entry.xattrs.get('user.n') ?? latin1ToBytes('')), value);
  }
});

test('TarWriter refuses more and less content than the size of the entry', () => {
  const code = (error: unknown): boolean => isCortenError(error) && error.code === 'ARCHIVE_ENTRY_INVALID';
  const writer = (): TarWriter => new TarWriter(() => undefined);
  const more = writer();
  more.entry({ ...entryOf({ path: 'f' }), size: 2 });
  assert.throws(() => more.data(latin1ToBytes('abc')), code);
  const less = writer();
  less.entry({ ...entryOf({ path: 'f' }), size: 2 });
  less.data(latin1ToBytes('a'));
  assert.throws(() => less.finish(), code);
});
