// Images that somebody made to do harm, through the whole loader: each is one clear error, and nothing is left of it;
// or it is harmless, and the test says what becomes of it.

import assert from 'node:assert/strict';
import { openSync, closeSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { ErofsReader } from '../../pure/archive/erofs-reader.ts';
import { archiveOf, concat, type Words } from '../../pure/archive/testing/archive-of.ts';
import { END, pax, raw } from '../../pure/archive/testing/raw-header.ts';
import { isCortenError } from '../../pure/base/errors.ts';
import { DescriptorFile } from './layers/descriptor-file.ts';
import { buildImage, layerOf, ociArchive, type TestImage } from './testing/image-builder.ts';
import { tarOf } from './testing/tar-builder.ts';
import { TempStore } from './testing/temp-store.ts';

const GZIP = 'application/vnd.oci.image.layer.v1.tar+gzip';
const ZSTD = 'application/vnd.oci.image.layer.v1.tar+zstd';

interface Hostile {
  readonly image: Partial<TestImage>;
  readonly says: RegExp;
}

const layer = (...words: readonly Words[]): Partial<TestImage> => ({
  layers: [Buffer.from(archiveOf(...words))],
});
const bytes = (archive: Uint8Array): Partial<TestImage> => ({ layers: [Buffer.from(archive)] });
const packed = (type: string, compress: (tar: Buffer) => Buffer): Partial<TestImage> => ({
  layerType: type,
  compress,
});
/** With one byte of the middle turned round. */
const flipped = (data: Buffer): Buffer => {
  const copy = Buffer.from(data);
  const middle = copy.length >> 1;
  copy[middle] = (copy[middle] ?? 0) ^ 0xff;
  return copy;
};
const erofs = Buffer.alloc(8192);
erofs.writeUInt32LE(0xe0f5e1e2, 1024);
erofs[5] = 1;

const REFUSED: Readonly<Record<string, Hostile>> = {
  'a path that goes up': { image: layer({ path: '../../etc/cron.d/x' }), says: /goes up by "\.\."/ },
  'a path that goes up in the middle': {
    image: layer('a/', { path: 'a/../../x' }),
    says: /goes up by "\.\."/,
  },
  'a hard link that goes up': { image: layer('x => ../../etc/shadow'), says: /goes up by "\.\."/ },
  'a hard link to nothing': { image: layer('x => etc/shadow'), says: /etc\/shadow.*which is nowhere/ },
  'a hard link through a link that leads out': {
    image: layer('out -> /../../..', 'x => out/etc/shadow'),
    says: /which is nowhere/,
  },
  'links without an end': { image: layer('a -> b', 'b -> a', 'a/x'), says: /no end/ },
  'a device that is a whiteout': {
    image: layer({ path: 'w', type: 'character' }),
    says: /0:0 would be a whiteout/,
  },
  'a whiteout of the directory above': {
    image: layer('d/', { path: 'd/.wh...' }),
    says: /names no file|goes up/,
  },
  'a header of two megabytes': {
    image: bytes(concat([pax([['comment', 'x'.repeat(2 << 20)]]), raw({ name: 'n' }), END])),
    says: /more than|larger|limit/i,
  },
  'a name with a NUL': {
    image: bytes(concat([pax([['path', 'a\0b']]), raw({ name: 'n' }), END])),
    says: /NUL/,
  },
  'a size beyond all numbers': {
    image: bytes(concat([raw({ name: 'n', size: '\xff'.repeat(12) }), END])),
    says: /The layer sha256:/,
  },
  'a gzip that ends early': {
    image: packed(GZIP, (tar) => gzipSync(tar).subarray(0, -9)),
    says: /ends early/,
  },
  'a gzip that is damaged': {
    image: packed(GZIP, (tar) => flipped(gzipSync(tar))),
    says: /The layer sha256:/,
  },
  'a zstd that ends early': {
    image: packed(ZSTD, (tar) => zstdCompressSync(tar).subarray(0, -9)),
    says: /The layer sha256:/,
  },
  'a zstd that is damaged': {
    image: packed(ZSTD, (tar) => flipped(zstdCompressSync(tar))),
    says: /The layer sha256:/,
  },
  'a ready-made EROFS': { image: bytes(erofs), says: /The layer sha256:/ },
  'a ready-made squashfs': {
    image: bytes(Buffer.concat([Buffer.from('hsqs'), Buffer.alloc(8188, 1)])),
    says: /The layer sha256:/,
  },
  'another content than its DiffID says': {
    image: packed(GZIP, () => gzipSync(layerOf('b', 'another'))),
    says: /has DiffID sha256:\S+, but its configuration says/,
  },
};

/** The message of the error by which a store refuses an archive that leaves it as it was. */
async function refusal(store: TempStore, image: Partial<TestImage>): Promise<string> {
  const archive = ociArchive(buildImage({ layers: [layerOf('a', 'a'.repeat(2000))], ...image }), 'a');
  const before = store.state();
  try {
    await store.load(archive);
  } catch (error) {
    assert.ok(isCortenError(error), String((error as Error).stack));
    assert.deepEqual(store.state(), before);
    return error.message;
  }
  return assert.fail('it was loaded');
}

async function storeWithImage(): Promise<TempStore> {
  const store = new TempStore();
  await store.load(ociArchive(buildImage({ layers: [layerOf('kept', 'kept')] }), 'kept'));
  return store;
}

test('every hostile layer is refused by one sentence, and nothing of it is left', async () => {
  using store = await storeWithImage();
  for (const [name, { image, says }] of Object.entries(REFUSED)) {
    const message = await refusal(store, image);
    assert.match(message, says, name);
    assert.doesNotMatch(message, /[\0-\x1f]/, name);
  }
});

test('bombs are refused by size and by entries, as settings have them', async () => {
  using store = await storeWithImage();
  const before = process.env['CORTEN_LIMITS'];
  try {
    // A thousandth of a GiB.
    process.env['CORTEN_LIMITS'] = '0.001,2000,5000000';
    const large = tarOf([{ name: 'zeros', data: Buffer.alloc(2 << 20) }]);
    const bomb = { layers: [large], layerType: GZIP, compress: (tar: Buffer) => gzipSync(tar) };
    assert.match(await refusal(store, bomb), /inflates to more than .* limits\.layer_gib/);
    process.env['CORTEN_LIMITS'] = '1,2000,100';
    const many = layer(...Array.from({ length: 101 }, (_, index) => `f${index}`));
    assert.match(await refusal(store, many), /more than 100 entries/);
  } finally {
    if (before === undefined) delete process.env['CORTEN_LIMITS'];
    else process.env['CORTEN_LIMITS'] = before;
  }
});

test('what only looks hostile is taken as what it is', async () => {
  using store = new TempStore();
  const words: readonly Words[] = [
    { path: '/etc/absolute', content: 'in the layer' },
    { path: '__proto__', content: 'a name' },
    { path: 'constructor/', mode: 0o700 },
    { path: '\xff\xfe', content: 'no UTF-8' },
    { path: 'twice', content: 'first' },
    { path: 'twice', content: 'last' },
    'up -> ../../../../etc',
  ];
  const image = { layers: [Buffer.from(archiveOf('etc/', ...words, 'up/below'))] };
  await store.load(ociArchive(buildImage(image), 'odd'));
  const [file = ''] = readdirSync(join(store.root, 'layers'));
  const fd = openSync(join(store.root, 'layers', file), 'r');
  try {
    const reader = new ErofsReader(new DescriptorFile(fd));
    const contentOf = (path: string): string => {
      const inode = reader.lookup(path);
      assert.ok(inode !== undefined, path);
      const content = Buffer.alloc(inode.size);
      reader.read(inode, content, 0);
      return content.toString('latin1');
    };
    assert.equal(contentOf('etc/absolute'), 'in the layer');
    assert.equal(contentOf('__proto__'), 'a name');
    assert.equal(contentOf('\xff\xfe'), 'no UTF-8');
    assert.equal(contentOf('twice'), 'last');
    assert.equal(contentOf('etc/below'), 'up/below');
    assert.equal(reader.lookup('constructor')?.mode, 0o40700);
  } finally {
    closeSync(fd);
  }
});
