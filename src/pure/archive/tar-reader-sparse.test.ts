import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latin1ToBytes } from '../base/bytes.ts';
import { isCortenError } from '../base/errors.ts';
import { TarReader } from './tar-reader.ts';
import { concat } from './testing/archive-of.ts';
import { END, pax, raw } from './testing/raw-header.ts';
import { readArchive } from './testing/read-archive.ts';

// 'AAAA' at 4, 'BB' at 10, 20 bytes in all.
const EXPANDED = '\0\0\0\0AAAA\0\0BB\0\0\0\0\0\0\0\0';

function octal(value: number): string {
  return `${value.toString(8).padStart(11, '0')}\0`;
}

function pairs(...numbers: readonly number[]): string {
  return numbers.map(octal).join('');
}

const OLD = { name: 'sparse', flag: 'S', content: 'AAAABB' };
const GNU = { 257: 'ustar  \0' };

test('TarReader expands old GNU sparse files, with the map in the header or in blocks behind it', () => {
  const inHeader = raw({ ...OLD, at: { ...GNU, 386: pairs(4, 4, 10, 2, 20, 0), 483: octal(20) } });
  const begun = raw({
    ...OLD,
    content: '',
    size: 6,
    at: { ...GNU, 386: pairs(4, 1, 5, 1, 6, 1, 7, 1), 482: '\x01', 483: octal(20) },
  });
  const extension = new Uint8Array(512);
  extension.set(latin1ToBytes(pairs(10, 2, 20, 0)));
  const content = new Uint8Array(512);
  content.set(latin1ToBytes('AAAABB'));
  for (const archive of [concat([inHeader, END]), concat([begun, extension, content, END])]) {
    for (const piece of [archive.length, 3]) {
      const [found] = readArchive(archive, piece);
      assert.equal(found?.entry.size, 20);
      assert.equal(found?.content, EXPANDED);
    }
  }
});

test('TarReader expands sparse files of PAX formats 0.0, 0.1 and 1.0', () => {
  const old = [
    ['GNU.sparse.size', '20'],
    ['GNU.sparse.numblocks', '2'],
    ['GNU.sparse.offset', '4'],
    ['GNU.sparse.numbytes', '4'],
    ['GNU.sparse.offset', '10'],
    ['GNU.sparse.numbytes', '2'],
  ] as const;
  const commas = [
    ['GNU.sparse.size', '20'],
    ['GNU.sparse.name', 'real/name'],
    ['GNU.sparse.map', '4,4,10,2'],
  ] as const;
  const lines = [
    ['GNU.sparse.major', '1'],
    ['GNU.sparse.minor', '0'],
    ['GNU.sparse.name', 'real/name'],
    ['GNU.sparse.realsize', '20'],
  ] as const;
  const file = raw({ name: 'GNUSparseFile.1/name', content: 'AAAABB' });
  const map = `2\n4\n4\n10\n2\n`.padEnd(512, '\0');
  const archives = [
    concat([pax(old), file, END]),
    concat([pax(commas), file, END]),
    concat([pax(lines), raw({ name: 'GNUSparseFile.1/name', content: `${map}AAAABB` }), END]),
  ];
  for (const archive of archives) {
    for (const piece of [archive.length, 5]) assert.equal(readArchive(archive, piece)[0]?.content, EXPANDED);
  }
  assert.equal(readArchive(concat([pax(commas), file, END]))[0]?.path, 'real/name');
});

test('TarReader tells a handler of holes instead of bringing zeros, if it wants that', () => {
  const told: string[] = [];
  const reader = new TarReader({
    entry: ({ size }) => told.push(`size ${size}`),
    data: ({ length }) => told.push(`data ${length}`),
    hole: (length) => told.push(`hole ${length}`),
    end: () => told.push('end'),
  });
  const huge = 2 ** 43;
  const records = [
    ['GNU.sparse.size', `${huge}`],
    ['GNU.sparse.map', '4,4,10,2'],
  ] as const;
  reader.push(concat([pax(records), raw({ name: 'f', content: 'AAAABB' }), END]));
  assert.deepEqual(told, [
    `size ${huge}`,
    'hole 4',
    'data 4',
    'hole 2',
    'data 2',
    `hole ${huge - 12}`,
    'end',
  ]);
});

test('TarReader refuses maps that do not fit the content', () => {
  const maps = ['0,7', '0,5', '4,4,2,2', '10,2,4,4', '4,4,10', '18,6', '0,6,x,0', '0,6,9007199254740993,0'];
  for (const map of maps) {
    const records = [
      ['GNU.sparse.size', '20'],
      ['GNU.sparse.map', map],
    ] as const;
    const archive = concat([pax(records), raw({ name: 'f', content: 'AAAABB' }), END]);
    assert.throws(
      () => readArchive(archive),
      (error) => isCortenError(error) && error.code === 'ARCHIVE_CORRUPT',
      map,
    );
  }
  const lines = (map: string): Uint8Array => {
    const records = [
      ['GNU.sparse.major', '1'],
      ['GNU.sparse.realsize', '20'],
    ] as const;
    return concat([pax(records), raw({ name: 'f', content: map.padEnd(512, '\0') }), END]);
  };
  for (const map of ['2\n4\n', '1\n-4\n4\n', 'x\n', '\n', '99999999999999999999\n']) {
    assert.throws(
      () => readArchive(lines(map)),
      (error) => isCortenError(error) && error.code === 'ARCHIVE_CORRUPT',
      map,
    );
  }
});

test('TarReader refuses a sparse map beyond the limit of headers', () => {
  const reader = new TarReader({ entry: () => undefined, data: () => undefined }, { maxHeader: 1024 });
  const begun = raw({ ...OLD, content: '', size: 0, at: { ...GNU, 482: '\x01', 483: octal(20) } });
  const extension = new Uint8Array(512).fill(1, 504, 505);
  reader.push(concat([begun, extension, extension]));
  assert.throws(
    () => reader.push(extension),
    (error) => isCortenError(error) && error.code === 'ARCHIVE_LIMIT',
  );
});
