import assert from 'node:assert/strict';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { test } from 'node:test';
import type { ChainId, DiffId, Digest } from '../base/digest.ts';
import { collectGarbage } from './collect-garbage.ts';
import { inWriteTransaction, type Database, type SqlRow, type StoreFiles } from './database.ts';
import { findImage, requireImage } from './find-image.ts';
import { formatIndex } from './index-json.ts';
import { layersOf } from './layers-of.ts';
import { blobFile } from './layout.ts';
import { listImages } from './list-images.ts';
import { announceFiles, areAnnounced, putImage, recordLayer, type NewImage } from './put-image.ts';
import { removeImage } from './remove-image.ts';
import { openForReading, openForWriting, SCHEMA_VERSION } from './schema.ts';

function memoryDatabase(): Database {
  const connection = new DatabaseSync(':memory:');
  return {
    query: (sql, params) => {
      const statement = connection.prepare(sql);
      statement.setReturnArrays(true);
      return statement.all(...(params as SQLInputValue[])) as unknown as readonly SqlRow[];
    },
  };
}

function openMemory(): Database {
  const db = memoryDatabase();
  openForWriting(db);
  return db;
}

/** Files that remember what was done to them. */
function recordingFiles(): StoreFiles & {
  readonly unlinked: string[];
  readonly written: Map<string, string>;
} {
  const unlinked: string[] = [];
  const written = new Map<string, string>();
  return {
    unlinked,
    written,
    unlink: (file) => void unlinked.push(file),
    replace: (file, text) => void written.set(file, text),
  };
}

const digest = (digit: string) => `sha256:${digit.repeat(64)}` as Digest;

/** An image of layers that are named by one digit each. */
function image(id: string, layers: string, references: readonly string[]): NewImage {
  return {
    manifestDigest: digest(id),
    configDigest: digest(id),
    config: `{"id":"${id}"}`,
    created: `2026-01-0${id}T00:00:00Z`,
    layers: [...layers].map((digit) => ({
      diffId: digest(digit) as DiffId,
      chainId: digest(digit) as ChainId,
      file: `layers/${digit}.erofs`,
      size: 10,
    })),
    contents: [digest(id), ...[...layers].map(digest)],
    references,
  };
}

function add(db: Database, added: NewImage): void {
  const blobs = added.contents.map((each) => ({ digest: each, size: 7, mediaType: 'application/x' }));
  const layers = added.layers.map(({ file }) => ({ file, size: 20, digest: digest('f') }));
  inWriteTransaction(db, () => announceFiles(db, { blobs, layers }));
  inWriteTransaction(db, () => putImage(db, added));
}

test('openForWriting() makes the schema once and openForReading() accepts it', () => {
  const db = openMemory();
  openForWriting(db);
  openForReading(db);
  assert.deepEqual(listImages(db), []);
});

test('a store of a newer schema is refused by its version, for reading and for writing', () => {
  const db = openMemory();
  db.query(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`, []);
  const expected = { code: 'STORE_TOO_NEW', message: /schema version 3.*knows 2/ };
  assert.throws(() => openForReading(db), expected);
  assert.throws(() => openForWriting(db), expected);
});

test('openForReading() asks for a writer where the schema is older', () => {
  assert.throws(() => openForReading(memoryDatabase()), { code: 'STORE_TOO_OLD' });
});

test('findImage() gives the image by name, full name, ID and the beginning of an ID', () => {
  const db = openMemory();
  add(db, image('1', '345', ['docker.io/library/hello:latest']));
  for (const text of [
    'hello',
    'hello:latest',
    'docker.io/library/hello',
    '1',
    '11111',
    digest('1'),
    digest('1').slice(0, 20),
  ]) {
    assert.equal(findImage(db, text)?.id, digest('1'), text);
  }
  assert.equal(findImage(db, '1'.repeat(64))?.config, '{"id":"1"}');
  for (const text of ['hello:2', 'other', '2', digest('2')])
    assert.equal(findImage(db, text), undefined, text);
});

test('findImage() lists the layers bottom first, and none for an image without', () => {
  const db = openMemory();
  add(db, image('1', '534', ['docker.io/library/a:1']));
  add(db, image('2', '', ['docker.io/library/b:1']));
  assert.deepEqual(findImage(db, 'a:1')?.layers, ['layers/5.erofs', 'layers/3.erofs', 'layers/4.erofs']);
  assert.deepEqual(findImage(db, 'b:1')?.layers, []);
  assert.deepEqual(
    layersOf(db, digest('1')).map((layer) => layer.diffId),
    [digest('5'), digest('3'), digest('4')],
  );
});

test('findImage() finds a name that the store has with a tag by the digest of its manifest', () => {
  const db = openMemory();
  add(db, image('1', '3', ['docker.io/library/hello:1']));
  assert.equal(findImage(db, `hello@${digest('1')}`)?.id, digest('1'));
  assert.equal(findImage(db, `hell@${digest('1')}`), undefined);
  assert.equal(findImage(db, `hello@${digest('2')}`), undefined);
});

test('a name of hexadecimal digits wins over an ID that begins with them', () => {
  const db = openMemory();
  add(db, image('1', '3', []));
  add(db, image('2', '3', ['docker.io/library/11:latest']));
  assert.equal(findImage(db, '11')?.id, digest('2'));
  assert.equal(findImage(db, '111')?.id, digest('1'));
});

test('findImage() refuses digits that begin more than one ID', () => {
  const db = openMemory();
  add(db, {
    ...image('1', '3', []),
    configDigest: `sha256:1${'2'.repeat(63)}` as Digest,
    contents: [digest('1'), `sha256:1${'2'.repeat(63)}` as Digest],
  });
  add(db, image('1', '3', []));
  assert.throws(() => findImage(db, '1'), { code: 'IMAGE_AMBIGUOUS' });
  assert.equal(findImage(db, '12')?.id.slice(0, 9), 'sha256:12');
});

test('requireImage() says which image is missing', () => {
  assert.throws(() => requireImage(openMemory(), 'nix'), {
    code: 'IMAGE_NOT_FOUND',
    message: /No image "nix"/,
  });
});

test('putImage() gives a name to the newer image and leaves the older one nameless', () => {
  const db = openMemory();
  add(db, image('1', '3', ['docker.io/library/a:1']));
  add(db, image('2', '4', ['docker.io/library/a:1', 'docker.io/library/b:1']));
  assert.deepEqual(
    listImages(db).map(({ id, references }) => [id, references]),
    [
      [digest('2'), ['docker.io/library/a:1', 'docker.io/library/b:1']],
      [digest('1'), []],
    ],
  );
});

test('putImage() of a known image adds its names and keeps its manifest', () => {
  const db = openMemory();
  add(db, image('1', '3', ['docker.io/library/a:1']));
  add(db, {
    ...image('1', '3', ['docker.io/library/b:1']),
    manifestDigest: digest('9'),
    contents: [digest('9')],
  });
  const [listed, ...rest] = listImages(db);
  assert.deepEqual(listed?.references, ['docker.io/library/a:1', 'docker.io/library/b:1']);
  assert.equal(rest.length, 0);
  assert.equal(findImage(db, 'b:1')?.manifestDigest, digest('1'));
  const files = recordingFiles();
  collectGarbage(db, files);
  assert.deepEqual(files.unlinked, [blobFile(digest('9'))]);
});

test('removeImage() takes one of two names and keeps the files', () => {
  const db = openMemory();
  const files = recordingFiles();
  add(db, image('1', '3', ['docker.io/library/a:1', 'docker.io/library/b:1']));
  assert.deepEqual(removeImage(db, files, { reference: 'a:1' }), {
    id: digest('1'),
    untagged: ['docker.io/library/a:1'],
    deleted: undefined,
  });
  assert.deepEqual(files.unlinked, []);
  assert.equal(findImage(db, 'a:1'), undefined);
  assert.equal(findImage(db, 'b:1')?.id, digest('1'));
  assert.equal(files.written.get('index.json')?.includes('a:1'), false);
});

test('removeImage() of the last name unlinks what no other image needs', () => {
  const db = openMemory();
  const files = recordingFiles();
  add(db, image('1', '34', ['docker.io/library/a:1']));
  add(db, image('2', '45', ['docker.io/library/b:1']));
  assert.deepEqual(removeImage(db, files, { reference: 'a:1' }).deleted, digest('1'));
  assert.deepEqual(files.unlinked.toSorted(), [
    blobFile(digest('1')),
    blobFile(digest('3')),
    'layers/3.erofs',
  ]);
  assert.deepEqual(collectGarbage(db, files), []);
  assert.equal(findImage(db, 'b:1')?.layers.length, 2);
});

test('removeImage() takes an ID where that means one name or none, and for two refuses it or takes both', () => {
  const db = openMemory();
  const files = recordingFiles();
  add(db, image('1', '3', []));
  add(db, image('2', '3', ['docker.io/library/b:1']));
  add(db, image('3', '3', ['docker.io/library/c:1', 'docker.io/library/d:1']));
  assert.equal(removeImage(db, files, { reference: '11' }).deleted, digest('1'));
  assert.equal(removeImage(db, files, { reference: digest('2') }).deleted, digest('2'));
  assert.throws(() => removeImage(db, files, { reference: '33' }), {
    code: 'IMAGE_AMBIGUOUS',
    message: /c:1.*d:1/,
  });
  assert.equal(listImages(db).length, 1);
  assert.equal(removeImage(db, files, { reference: '33', andAllNames: true }).untagged.length, 2);
  assert.equal(listImages(db).length, 0);
});

test('removeImage() of an unknown image changes nothing', () => {
  const db = openMemory();
  const files = recordingFiles();
  assert.throws(() => removeImage(db, files, { reference: 'nix' }), { code: 'IMAGE_NOT_FOUND' });
  assert.equal(files.written.size, 0);
  // The transaction is over: another may begin.
  inWriteTransaction(db, () => undefined);
});

test('collectGarbage() finds files that were announced and never used', () => {
  const db = openMemory();
  const files = recordingFiles();
  const announced = {
    blobs: [{ digest: digest('8'), size: 1, mediaType: 'x' }],
    layers: [{ file: 'layers/8.erofs', size: 1, digest: digest('7') }],
  };
  announceFiles(db, announced);
  assert.equal(areAnnounced(db, announced), true);
  assert.deepEqual(collectGarbage(db, files), [blobFile(digest('8')), 'layers/8.erofs']);
  assert.equal(areAnnounced(db, announced), false);
});

test('recordLayer() takes the size of the file that replaced another', () => {
  const db = openMemory();
  add(db, image('1', '3', []));
  recordLayer(db, { file: 'layers/3.erofs', size: 99, digest: digest('9') });
  assert.deepEqual(db.query('SELECT size, digest FROM layers', []), [[99, digest('9')]]);
});

test('formatIndex() lists a manifest once for each of its names, and nameless ones too', () => {
  const db = openMemory();
  add(db, image('1', '3', ['docker.io/library/a:1', 'docker.io/library/b:1']));
  add(db, image('2', '3', []));
  const { manifests } = JSON.parse(formatIndex(db)) as {
    manifests: { digest: string; annotations?: object }[];
  };
  assert.deepEqual(manifests, [
    { mediaType: 'application/x', digest: digest('2'), size: 7 },
    {
      mediaType: 'application/x',
      digest: digest('1'),
      size: 7,
      annotations: { 'org.opencontainers.image.ref.name': 'docker.io/library/a:1' },
    },
    {
      mediaType: 'application/x',
      digest: digest('1'),
      size: 7,
      annotations: { 'org.opencontainers.image.ref.name': 'docker.io/library/b:1' },
    },
  ]);
});

test('inWriteTransaction() takes everything back when its work throws', () => {
  const db = openMemory();
  const failing = () =>
    inWriteTransaction(db, () => {
      announceFiles(db, { blobs: [{ digest: digest('8'), size: 1, mediaType: 'x' }], layers: [] });
      throw new RangeError('no');
    });
  assert.throws(failing, RangeError);
  assert.deepEqual(db.query('SELECT * FROM contents', []), []);
});
