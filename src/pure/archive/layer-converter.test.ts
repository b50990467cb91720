import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToLatin1 } from '../base/bytes.ts';
import { isCortenError } from '../base/errors.ts';
import type { ArchiveErrorCode } from './errors.ts';
import { ErofsReader } from './erofs-reader.ts';
import { archiveOf, concat, type Words } from './testing/archive-of.ts';
import { contentOf, convert, type Converted, treeOf } from './testing/converted.ts';
import type { MemoryImage } from './testing/memory-image.ts';
import { END, pax, raw } from './testing/raw-header.ts';

const OPAQUE = 'trusted.overlay.opaque=y';
const ORIGIN = 'trusted.overlay.origin=';
const WHITEOUT = '20000 1 0:0';

/** The tree of the layer, without its root. */
function tree(words: readonly Words[], lowers?: readonly MemoryImage[]): Record<string, string> {
  const found = treeOf(layer(words, lowers).image);
  delete found[''];
  return found;
}

function layer(words: readonly Words[], lowers?: readonly MemoryImage[]): Converted {
  return convert(archiveOf(...words), lowers === undefined ? {} : { lowers });
}

function refuses(code: ArchiveErrorCode, words: readonly Words[], lowers?: readonly MemoryImage[]): void {
  assert.throws(
    () => layer(words, lowers),
    (error) => isCortenError(error) && error.code === code && error.message.startsWith('Entry "'),
    code,
  );
}

/** Only at the end, where the layers below may still come. */
function asksForLowers(words: readonly Words[]): void {
  assert.throws(
    () => layer(words),
    (error) =>
      isCortenError(error) &&
      error.code === 'ARCHIVE_NEEDS_LOWERS' &&
      error.message.startsWith('The layer has no entry'),
  );
}

test('LayerConverter makes whiteouts of .wh. names and marks what holds them', () => {
  assert.deepEqual(tree(['dir/', 'dir/.wh.gone', 'dir/kept', '.wh.top']), {
    '/dir': `40755 2 ${ORIGIN}`,
    '/dir/gone': '20000 2 0:0',
    '/dir/kept': '100644 1 dir/kept',
    '/top': '20000 2 0:0',
  });
});

test('LayerConverter makes directories opaque, by the mark or by a whiteout beside them', () => {
  const opaque = { '/d': `40755 2 ${OPAQUE}`, '/d/f': '100644 1 d/f' };
  assert.deepEqual(tree(['d/', 'd/.wh..wh..opq', 'd/f']), opaque);
  assert.deepEqual(tree(['d/', 'd/f', 'd/.wh..wh..opq']), opaque);
  assert.deepEqual(tree(['.wh.d', 'd/', 'd/f']), opaque);
  assert.deepEqual(tree(['d/', '.wh.d', 'd/f']), opaque);
  assert.deepEqual(tree(['f', '.wh.f']), { '/f': '100644 1 f' });
  assert.deepEqual(tree(['.wh.f', 'f']), { '/f': '100644 1 f' });
});

test('LayerConverter covers each name of the lower roots when the root is opaque', () => {
  const lower = layer(['a/', 'a/x', 'b', 'c', '.wh.d']).image;
  const words = ['./.wh..wh..opq', 'a/', 'c'];
  asksForLowers(words);
  assert.deepEqual(tree(words, [lower]), { '/a': `40755 2 ${OPAQUE}`, '/b': WHITEOUT, '/c': '100644 1 c' });
  assert.deepEqual(tree(words, []), { '/a': '40755 2', '/c': '100644 1 c' });
});

test('LayerConverter ignores what aufs kept for itself, content and all', () => {
  const words = [
    '.wh..wh.plnk/',
    { path: '.wh..wh.plnk/1.2', content: 'x'.repeat(5000) },
    '.wh..wh.aufs',
    'f',
  ];
  assert.deepEqual(tree(words), { '/f': '100644 1 f' });
});

test('LayerConverter drops attributes that would speak to overlayfs and keeps the others', () => {
  const xattrs = {
    'trusted.overlay.redirect': '/etc',
    'user.overlay.opaque': 'y',
    'user.overlayfs': '1',
    'security.capability': 'c',
  };
  const words: Words[] = [
    { path: 'f', xattrs },
    { path: 'd/', xattrs },
  ];
  const kept = 'security.capability=c user.overlayfs=1';
  assert.deepEqual(tree(words), { '/d': `40755 2 ${kept}`, '/f': `100644 1  ${kept}` });
});

test('LayerConverter refuses a real character device 0:0 but takes others, and block devices', () => {
  refuses('ARCHIVE_DEVICE_REFUSED', [{ path: 'zero', type: 'character' }]);
  refuses('ARCHIVE_ENTRY_INVALID', [{ path: 'far', type: 'block', device: { major: 4096, minor: 0 } }]);
  const device = { major: 0xfff, minor: 0xfffff };
  const words: Words[] = [
    { path: 'c', type: 'character', device },
    { path: 'b', type: 'block' },
  ];
  assert.deepEqual(tree(words), { '/b': '60644 1 0:0', '/c': '20644 1 4095:1048575' });
});

test('LayerConverter lets the last of duplicates win and a directory keep its children', () => {
  assert.deepEqual(
    tree([
      { path: 'f', content: 'old', mode: 0o600 },
      { path: 'f', content: 'new' },
    ]),
    {
      '/f': '100644 1 new',
    },
  );
  assert.deepEqual(tree(['d/', 'd/f', { path: 'd/', mode: 0o700 }]), {
    '/d': '40700 2',
    '/d/f': '100644 1 d/f',
  });
  assert.deepEqual(tree(['d/', 'd/sub/', 'd/sub/f', 'd']), { '/d': '100644 1 d' });
  // A file had hidden the directory below.
  assert.deepEqual(tree(['d', 'd/', 'd/f']), { '/d': `40755 2 ${OPAQUE}`, '/d/f': '100644 1 d/f' });
});

test('LayerConverter counts the names of hard links, of dropped and replaced ones no longer', () => {
  assert.deepEqual(tree(['a', 'b => a', 'd/', 'd/c => b']), {
    '/a': '100644 3 a',
    '/b': '100644 3 a',
    '/d': '40755 2',
    '/d/c': '100644 3 a',
  });
  assert.deepEqual(tree(['a', 'b => a', 'd/', 'd/c => a', 'd', 'b => d']), {
    '/a': '100644 1 a',
    '/b': '100644 2 d',
    '/d': '100644 2 d',
  });
  assert.deepEqual(tree(['a', 'a => a', 'l -> a', 'm => l']), {
    '/a': '100644 1 a',
    '/l': '120777 2 a',
    '/m': '120777 2 a',
  });
});

test('LayerConverter takes hard links to files of lower layers with them, as overlayfs would copy them up', () => {
  const lower = layer([
    { path: 'usr/', mode: 0o711, xattrs: { 'user.n': 'v' } },
    {
      path: 'usr/tool',
      content: 'T'.repeat(9000),
      mode: 0o4755,
      uid: 7,
      xattrs: { 'security.capability': 'c' },
    },
    { path: 'usr/fifo', type: 'fifo' },
    'usr/link -> tool',
  ]).image;
  const words = ['tool2 => usr/tool', 'fifo2 => usr/fifo', 'link2 => usr/link'];
  refuses('ARCHIVE_NEEDS_LOWERS', words);
  const file = `104755 2 ${'T'.repeat(9000)} security.capability=c`;
  const converted = layer(words, [lower]);
  assert.equal(converted.layer.usedLowers, true);
  const found = treeOf(converted.image);
  assert.deepEqual(found, {
    '': '40755 3',
    '/fifo2': '10644 2 0:0',
    '/link2': '120777 2 tool',
    '/tool2': file,
    '/usr': '40711 2 user.n=v',
    '/usr/fifo': '10644 2 0:0',
    '/usr/link': '120777 2 tool',
    '/usr/tool': file,
  });
  assert.equal(new ErofsReader(converted.image).lookup('tool2')?.uid, 7);
  refuses('ARCHIVE_LINK_MISSING', ['x => usr/nothing'], [lower]);
  refuses('ARCHIVE_LINK_MISSING', ['usr/', '.wh.usr', 'x => usr/tool'], [lower]);
  refuses('ARCHIVE_LINK_MISSING', ['.wh.usr', 'x => usr/tool'], [lower]);
  refuses('ARCHIVE_LINK_MISSING', ['usr/', 'usr/.wh.tool', 'x => usr/tool'], [lower]);
  refuses('ARCHIVE_LINK_MISSING', ['x => later', 'later'], []);
  refuses('ARCHIVE_ENTRY_INVALID', ['usr/', 'x => usr/'], [lower]);
  refuses('ARCHIVE_ENTRY_INVALID', ['x => .'], [lower]);
});

test('LayerConverter takes a missing parent from the topmost layer that shows it, else 0755 of root', () => {
  const bottom = layer([
    { path: 'a/', mode: 0o1777, uid: 5, seconds: 99 },
    { path: 'a/b/', mode: 0o700 },
    'gone/',
  ]).image;
  const middle = layer([{ path: 'a/', mode: 0o710, gid: 6, seconds: 100, nanoseconds: 7 }, '.wh.gone']).image;
  asksForLowers(['a/b/f']);
  const converted = layer(['a/b/f', 'gone/f', 'new/f'], [bottom, middle]);
  const reader = new ErofsReader(converted.image);
  const a = reader.lookup('a');
  assert.deepEqual([a?.mode, a?.uid, a?.gid], [0o40710, 0, 6]);
  assert.deepEqual(a?.mtime, { seconds: 100, nanoseconds: 7 });
  assert.equal(reader.lookup('a/b')?.mode, 0o40700);
  for (const path of ['gone', 'new']) {
    const made = reader.lookup(path);
    assert.deepEqual([made?.mode, made?.uid, made?.mtime], [0o40755, 0, { seconds: 0, nanoseconds: 0 }]);
  }
  // The entry itself may come later, and counts then.
  assert.equal(tree(['a/b/f', { path: 'a/', mode: 0o701 }], [bottom])['/a'], '40701 3');
  // Marks of the lower layer stay there.
  const marked = layer(['o/', 'o/.wh..wh..opq', 'o/.wh.x']).image;
  assert.equal(tree(['o/f'], [marked])['/o'], '40755 2');
  // What the layer hides gives nothing.
  assert.equal(tree(['.wh.a', 'a/f'], [bottom])['/a'], `40755 2 ${OPAQUE}`);
  assert.equal(tree(['a/', 'a/.wh..wh..opq', 'a/b/f'], [bottom])['/a/b'], '40755 2');
});

test('LayerConverter gives a root that has no entry 0755 of root, and needs no lower layer for it', () => {
  assert.equal(treeOf(layer(['f']).image)[''], '40755 2');
  assert.equal(
    treeOf(layer(['f', { path: './', mode: 0o711, xattrs: { 'user.n': 'v' } }]).image)[''],
    '40711 2 user.n=v',
  );
  assert.equal(layer(['f']).layer.usedLowers, false);
  refuses('ARCHIVE_ENTRY_INVALID', [{ path: '.', type: 'file' }]);
});

test('LayerConverter puts entries below a symbolic link where the link leads inside the layer', () => {
  const words = [
    'usr/',
    'usr/lib/',
    'lib -> usr/lib',
    'abs -> /usr/./lib',
    'up -> ../../../usr',
    'lib/a',
    'abs/b',
    'up/lib/c',
  ];
  const found = tree(words);
  for (const name of ['a', 'b', 'c']) assert.ok(`/usr/lib/${name}` in found, name);
  assert.equal(found['/lib'], '120777 1 usr/lib');
  // A link of a lower layer too, and one to what is not there yet.
  const lower = layer(['opt/', 'lib -> opt']).image;
  assert.ok('/opt/x' in tree(['lib/x'], [lower]));
  assert.ok('/new/x' in tree(['l -> new', 'l/x'], []));
  refuses('ARCHIVE_PATH_UNSAFE', ['l -> m', 'm -> l', 'l/x'], []);
  refuses('ARCHIVE_ENTRY_INVALID', ['f', 'f/x']);
});

test('LayerConverter finds the parent anew when it has become something else', () => {
  const found = tree(['a/', 'b/', 'l -> a', 'l/x', 'l -> b', 'l/y', 'a/z']);
  assert.ok('/a/x' in found && '/b/y' in found && '/a/z' in found);
  refuses('ARCHIVE_ENTRY_INVALID', ['d/', 'd/x', 'd', 'd/y']);
});

test('LayerConverter takes a leading slash and dots as the root of the layer', () => {
  assert.deepEqual(Object.keys(tree(['/etc/', '//etc//a', './etc/./b', 'etc/c/.'])), [
    '/etc',
    '/etc/a',
    '/etc/b',
    '/etc/c',
  ]);
});

test('LayerConverter treats __proto__ and constructor as names', () => {
  const found = tree([
    '__proto__/',
    '__proto__/constructor',
    { path: 'f', xattrs: { ['user.__proto__']: 'x' } },
  ]);
  assert.equal(found['/__proto__/constructor'], '100644 1 __proto__/constructor');
});

test('LayerConverter keeps holes of sparse files out of the image and refuses what passes its limit', () => {
  const sparse = (size: number): Uint8Array => {
    const records = [
      ['GNU.sparse.size', `${size}`],
      ['GNU.sparse.map', '100000,3'],
    ] as const;
    return concat([pax(records), raw({ name: 'f', content: 'abc' }), END]);
  };
  const { image } = convert(sparse(200_000));
  const reader = new ErofsReader(image);
  const content = bytesToLatin1(contentOf(reader, reader.lookup('f') ?? reader.root));
  assert.equal(content, `${'\0'.repeat(100_000)}abc${'\0'.repeat(99_997)}`);
  const code = (error: unknown): boolean => isCortenError(error) && error.code === 'ARCHIVE_LIMIT';
  assert.throws(() => convert(sparse(2 ** 43)), code);
});

test('LayerConverter makes the same image whatever the pieces of the stream', () => {
  const words: Words[] = ['d/', { path: 'd/f', content: 'xyz'.repeat(70_000) }, 'd/g', 'l -> d', '.wh.w'];
  const archive = archiveOf(...words);
  const whole = convert(archive).image;
  for (const piece of [1, 511, 4096, 65_537]) {
    assert.ok(
      convert(archive, { piece }).image.bytes.every((byte, i) => byte === whole.bytes[i]),
      `${piece}`,
    );
  }
});
