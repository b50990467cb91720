import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCortenError } from '../base/errors.ts';
import type { ArchiveErrorCode } from './errors.ts';
import type { LayerConverterOptions } from './layer-converter.ts';
import { archiveOf, concat, type Words } from './testing/archive-of.ts';
import { collidingNames } from './testing/colliding-names.ts';
import { convert, treeOf } from './testing/converted.ts';
import { END, pax, raw } from './testing/raw-header.ts';

interface Refusal extends LayerConverterOptions {
  readonly code: ArchiveErrorCode;
  /** What the message must say. */
  readonly says?: RegExp;
}

function refuses(archive: Uint8Array, { code, says = /./, ...options }: Refusal): void {
  assert.throws(
    () => convert(archive, options),
    (error) =>
      isCortenError(error) && error.code === code && says.test(error.message) && !error.message.endsWith('.'),
    `${code} ${says}`,
  );
}

function refusesEntry(word: Words, refusal: Refusal): void {
  refuses(archiveOf(word), refusal);
}

test('A path that goes up is refused wherever the dots stand', () => {
  for (const path of ['..', '../x', 'a/../../x', 'a/..', '/../x', './../x', 'a/b/../c', '../', '.wh...']) {
    refusesEntry({ path, type: 'file' }, { code: 'ARCHIVE_PATH_UNSAFE', says: /^Entry "/, lowers: [] });
  }
  refuses(archiveOf('a/', 'a/x', 'a/..'), { code: 'ARCHIVE_PATH_UNSAFE' });
  refusesEntry('x => ../etc/shadow', { code: 'ARCHIVE_PATH_UNSAFE', lowers: [] });
  assert.ok('/..a' in treeOf(convert(archiveOf('..a', '...')).image));
});

test('Symbolic links lead nowhere outside the layer', () => {
  const { image } = convert(
    archiveOf('etc/', 'up -> ../../../../etc', 'root -> /', 'up/a', 'root/etc/b', 'root/c'),
  );
  const tree = treeOf(image);
  assert.deepEqual(Object.keys(tree).toSorted(), ['', '/c', '/etc', '/etc/a', '/etc/b', '/root', '/up']);
  assert.equal(tree['/up'], '120777 1 ../../../../etc');
});

test('A chain of symbolic links that grows without end is refused soon', () => {
  refuses(archiveOf('a -> a/a', 'a/x'), { code: 'ARCHIVE_PATH_UNSAFE', says: /no end/ });
  const bomb = Array.from({ length: 39 }, (_, i) => `l${i} -> l${i + 1}/${`l${i + 1}/../`.repeat(50)}`);
  refuses(archiveOf(...bomb, 'l39 -> .', 'l0/x'), { code: 'ARCHIVE_PATH_UNSAFE', says: /no end/ });
});

test('Names that no file can have are refused', () => {
  const named = (path: string): Uint8Array => concat([pax([['path', path]]), raw({ name: 'n' }), END]);
  refuses(named('a\0b'), { code: 'ARCHIVE_PATH_UNSAFE', says: /NUL/ });
  refuses(named('n'.repeat(256)), { code: 'ARCHIVE_LIMIT', says: /255/ });
  refuses(concat([raw({ name: '' }), END]), { code: 'ARCHIVE_PATH_UNSAFE', says: /empty/ });
  refuses(concat([raw({ name: '.', flag: '2', at: { 157: 'etc' } }), END]), {
    code: 'ARCHIVE_ENTRY_INVALID',
    says: /root/,
  });
  refuses(named(`a${'/'.repeat(70_000)}b`), { code: 'ARCHIVE_LIMIT', says: /65536/ });
  convert(named('n'.repeat(255)));
});

test('Targets that no link can have are refused', () => {
  const linked = (path: string): Uint8Array =>
    concat([pax([['linkpath', path]]), raw({ name: 'n', flag: '2' }), END]);
  refuses(linked('a\0b'), { code: 'ARCHIVE_PATH_UNSAFE', says: /NUL/ });
  refuses(linked('t'.repeat(4096)), { code: 'ARCHIVE_LIMIT', says: /4095/ });
  refuses(concat([raw({ name: 'n', flag: '2' }), END]), { code: 'ARCHIVE_ENTRY_INVALID' });
  refuses(concat([raw({ name: 'n', flag: '1' }), END]), { code: 'ARCHIVE_PATH_UNSAFE', lowers: [] });
});

test('Whiteouts that name nothing or hide what they should not are refused', () => {
  for (const path of ['.wh.', '.wh..', '.wh...', 'd/.wh.']) {
    refusesEntry({ path, type: 'file' }, { code: 'ARCHIVE_PATH_UNSAFE', lowers: [] });
  }
  refusesEntry({ path: '.wh.d/f', type: 'file' }, { code: 'ARCHIVE_PATH_UNSAFE', says: /below/, lowers: [] });
  refuses(archiveOf('x => .wh.y'), { code: 'ARCHIVE_LINK_MISSING', lowers: [] });
});

test('A hard link cannot make a name for a whiteout', () => {
  refuses(archiveOf('.wh.w', 'x => w'), { code: 'ARCHIVE_LINK_MISSING', lowers: [] });
});

test('Every limit is kept and its error names the entry', () => {
  const says = /^Entry "(?:e3|a\/b\/c|long)/;
  refuses(archiveOf('e1', 'e2', 'e3'), { code: 'ARCHIVE_LIMIT', says, limits: { entries: 2 } });
  refusesEntry('a/b/c', { code: 'ARCHIVE_LIMIT', says, limits: { depth: 2 }, lowers: [] });
  refusesEntry('long-name', { code: 'ARCHIVE_LIMIT', says, limits: { pathBytes: 8 } });
  const big = { path: 'long', xattrs: { 'user.n': 'v'.repeat(100) } };
  refusesEntry(big, { code: 'ARCHIVE_LIMIT', says, limits: { xattrBytes: 100 } });
  refusesEntry(
    { path: 'long', content: 'x'.repeat(9000) },
    { code: 'ARCHIVE_LIMIT', says, limits: { imageBytes: 8192 } },
  );
  refusesEntry(
    { path: 'long/', xattrs: { 'user.n': 'v'.repeat(100) } },
    { code: 'ARCHIVE_LIMIT', says, limits: { directoryXattrBytes: 100 } },
  );
  refusesEntry(big, { code: 'ARCHIVE_LIMIT', limits: { headerBytes: 50 } });
});

test('Attributes larger than Linux allows are refused', () => {
  const value = 'v'.repeat(65_536);
  const limits = { xattrBytes: 1e6 };
  refusesEntry({ path: 'f', xattrs: { 'user.n': value } }, { code: 'ARCHIVE_LIMIT', limits });
  refusesEntry({ path: 'f', xattrs: { [`user.${'n'.repeat(256)}`]: '' } }, { code: 'ARCHIVE_LIMIT', limits });
});

test('Names made to collide in the table end in an error and not in hours', () => {
  refuses(archiveOf(...collidingNames()), { code: 'ARCHIVE_LIMIT', says: /collide/ });
});

test('An image of a file system is refused as no tar, whatever it claims', () => {
  for (const magic of [
    [0xe2, 0xe1, 0xf5, 0xe0],
    [0x68, 0x73, 0x71, 0x73],
  ]) {
    const image = new Uint8Array(8192);
    image.set(magic, magic[0] === 0xe2 ? 1024 : 0);
    image[5] = 1;
    refuses(image, { code: 'ARCHIVE_NOT_TAR' });
  }
  // One that begins with zeros is an archive that ends before its first entry, with something behind.
  const erofs = convert(archiveOf('f')).image.bytes;
  assert.equal(convert(erofs).layer.entries, 0);
});

test('A message shows hostile names quoted, without control characters, and cuts long ones', () => {
  refusesEntry(
    { path: 'a\n\x1b[31m\xff/..' },
    { code: 'ARCHIVE_PATH_UNSAFE', says: /^Entry "a\\n\\u001b\[31m\\\\xff\/\.\." of/ },
  );
  refusesEntry({ path: `${'n'.repeat(900)}/..` }, { code: 'ARCHIVE_LIMIT', says: /^Entry "n{256}…" of/ });
});
