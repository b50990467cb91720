import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { parseImageConfig } from '../../pure/store/image-config.ts';
import { findImage, requireImage } from '../../pure/store/find-image.ts';
import { listImages } from '../../pure/store/list-images.ts';
import {
  buildImage,
  digestOf,
  dockerEntries,
  hexOf,
  jsonOf,
  layerOf,
  layoutEntries,
  named,
  ociArchive,
} from './testing/image-builder.ts';
import { tarOf } from './testing/tar-builder.ts';
import { TempStore } from './testing/temp-store.ts';

const HELLO_IMAGE = fileURLToPath(new URL('../../../scripts/hello-image.mjs', import.meta.url));
const LAYOUT_TYPE = 'application/vnd.oci.image.index.v1+json';

function helloArchive(): Buffer {
  return execFileSync(process.execPath, [HELLO_IMAGE, '/bin/true'], { maxBuffer: 1 << 26 });
}

test('load of the hello archive gives an image with its program, its layer and its name', async () => {
  using store = new TempStore();
  const loaded = await store.load(helloArchive());
  assert.deepEqual(
    loaded.map(({ references }) => references),
    [['docker.io/library/hello:latest']],
  );
  using db = store.openDatabase();
  const image = requireImage(db, 'hello');
  assert.deepEqual(parseImageConfig(image.config).config.Entrypoint, ['/hello']);
  assert.equal(image.layers.length, 1);
  const layer = join(store.root, image.layers[0] ?? '');
  // EROFS_SUPER_MAGIC_V1 at byte 1024 (the kernel's fs/erofs/erofs_fs.h).
  assert.equal(readFileSync(layer).readUInt32LE(1024), 0xe0f5e1e2);
  assert.equal(statSync(layer).mode & 0o777, 0o400);
  assert.equal(statSync(store.root).mode & 0o777, 0o700);
});

test('every blob of a store has the digest that is its name, and only the lock stays in tmp', async () => {
  using store = new TempStore();
  await store.load(helloArchive());
  const blobs = readdirSync(join(store.root, 'blobs/sha256'));
  assert.equal(blobs.length, 3);
  for (const name of blobs) assert.equal(hexOf(readFileSync(join(store.root, 'blobs/sha256', name))), name);
  assert.deepEqual(readdirSync(join(store.root, 'tmp')), ['lock']);
});

test('loading the same archive twice leaves the store as it was', async () => {
  using store = new TempStore();
  await store.load(helloArchive());
  const before = store.state();
  await store.load(helloArchive());
  assert.deepEqual(store.state(), before);
});

test('layers compressed with gzip and zstd, in archives compressed with either, give the same layer file', async () => {
  const layers = [layerOf('a', 'x'.repeat(100_000))];
  const files = new Set<string>();
  for (const [layerType, compress] of [
    ['+gzip', gzipSync],
    ['+zstd', zstdCompressSync],
    ['', (tar: Buffer) => tar],
  ] as const) {
    const image = buildImage({
      layers,
      compress,
      layerType: `application/vnd.oci.image.layer.v1.tar${layerType}`,
    });
    for (const pack of [gzipSync, zstdCompressSync]) {
      using store = new TempStore();
      await store.load(pack(ociArchive(image, 'a')));
      for (const name of readdirSync(join(store.root, 'layers'))) {
        files.add(hexOf(readFileSync(join(store.root, 'layers', name))));
      }
    }
  }
  assert.equal(files.size, 1);
});

test('a docker-archive is loaded under its tags, with a manifest made for it and its layers kept', async () => {
  using store = new TempStore();
  const image = buildImage({ layers: [layerOf('a', '1'), layerOf('b', '2')] });
  const loaded = await store.load(tarOf(dockerEntries(image, ['a:1', 'quay.io/b:2'])));
  assert.deepEqual(loaded, [
    { id: digestOf(image.config), references: ['docker.io/library/a:1', 'quay.io/b:2'] },
  ]);
  using db = store.openDatabase();
  const { manifestDigest } = requireImage(db, 'a:1');
  const manifest = JSON.parse(
    readFileSync(join(store.root, 'blobs/sha256', manifestDigest.slice(7)), 'utf8'),
  );
  assert.deepEqual(
    manifest.layers.map((layer: { digest: string }) => layer.digest),
    image.blobs.map(digestOf),
  );
});

test('an old docker-archive names shared layers by symlinks', async () => {
  using store = new TempStore();
  const layer = layerOf('a', '1');
  const image = buildImage({ layers: [layer, layer] });
  const Config = `${hexOf(image.config)}.json`;
  const archive = tarOf([
    { name: './one/', type: '5', mode: 0o755 },
    { name: './one/layer.tar', data: layer },
    { name: './one/VERSION', data: '1.0' },
    { name: './two/layer.tar', type: '2', link: '../one/layer.tar' },
    { name: `./${Config}`, data: image.config },
    {
      name: './manifest.json',
      data: jsonOf([{ Config, RepoTags: null, Layers: ['one/layer.tar', 'two/layer.tar'] }]),
    },
  ]);
  const loaded = await store.load(archive);
  assert.deepEqual(loaded, [{ id: digestOf(image.config), references: [] }]);
  using db = store.openDatabase();
  assert.equal(findImage(db, digestOf(image.config))?.layers.length, 2);
});

test('of a nested index the image for this machine is taken, and one that is alone whatever it is for', async () => {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const ours = buildImage({ layers: [layerOf('a', '1')], architecture: arch });
  const theirs = buildImage({ layers: [layerOf('a', '2')], architecture: 's390x' });
  const entry = (image: typeof ours, architecture: string) => ({
    ...image.descriptor,
    platform: { os: 'linux', architecture },
  });
  const attestation = { ...theirs.descriptor, platform: { os: 'unknown', architecture: 'unknown' } };
  const index = (manifests: readonly object[]) =>
    jsonOf({ schemaVersion: 2, mediaType: LAYOUT_TYPE, manifests });
  const archive = (nested: Buffer) => {
    const top = { mediaType: LAYOUT_TYPE, digest: digestOf(nested), size: nested.length };
    const entries = layoutEntries([ours, theirs], { manifests: [top] });
    return tarOf([...entries, { name: `blobs/sha256/${hexOf(nested)}`, data: nested }]);
  };
  using store = new TempStore();
  const both = await store.load(archive(index([entry(theirs, 's390x'), entry(ours, arch), attestation])));
  assert.deepEqual(
    both.map(({ id }) => id),
    [digestOf(ours.config)],
  );
  const alone = await store.load(archive(index([entry(theirs, 's390x'), attestation])));
  assert.deepEqual(
    alone.map(({ id }) => id),
    [digestOf(theirs.config)],
  );
});

test('several images of one archive come in together and share their layers', async () => {
  using store = new TempStore();
  const base = layerOf('a', '1');
  const images = [buildImage({ layers: [base] }), buildImage({ layers: [base, layerOf('b', '2')] })];
  const [one, two] = images;
  if (one === undefined || two === undefined) assert.fail();
  await store.load(
    tarOf(layoutEntries(images, { manifests: [named(one, 'a:1'), named(two, 'a:2'), named(two, 'b')] })),
  );
  using db = store.openDatabase();
  assert.equal(listImages(db).length, 2);
  assert.equal(readdirSync(join(store.root, 'layers')).length, 2);
  assert.equal(requireImage(db, 'a:2').id, requireImage(db, 'b').id);
  assert.equal(requireImage(db, 'a:2').layers[0], requireImage(db, 'a:1').layers[0]);
});

test('a layer that needs those below it is kept under its ChainID', async () => {
  using store = new TempStore();
  const lower = tarOf([
    { name: 'd', type: '5', mode: 0o750 },
    { name: 'd/f', data: 'lower' },
  ]);
  const upper = tarOf([
    { name: 'd/g', data: 'upper' },
    { name: 'd/h', type: '1', link: 'd/f' },
  ]);
  await store.load(ociArchive(buildImage({ layers: [lower, upper] }), 'a'));
  const chain = hexOf(Buffer.from(`${digestOf(lower)} ${digestOf(upper)}`));
  assert.deepEqual(
    readdirSync(join(store.root, 'layers')),
    [`${hexOf(lower)}.erofs`, `${chain}.erofs`].toSorted(),
  );
});

test('a layer that was at the bottom of one image is made anew where its folders come from below', async () => {
  using store = new TempStore();
  const shared = tarOf([{ name: 'd/g', data: 'shared' }]);
  const lower = tarOf([{ name: 'd', type: '5', mode: 0o700 }]);
  await store.load(ociArchive(buildImage({ layers: [shared] }), 'alone'));
  await store.load(ociArchive(buildImage({ layers: [lower, shared] }), 'above'));
  using db = store.openDatabase();
  const [alone] = requireImage(db, 'alone').layers;
  const [, above] = requireImage(db, 'above').layers;
  assert.notEqual(alone, above);
  assert.equal(above, `layers/${hexOf(Buffer.from(`${digestOf(lower)} ${digestOf(shared)}`))}.erofs`);
});

test('a name that another image takes leaves the older image without one', async () => {
  using store = new TempStore();
  await store.load(ociArchive(buildImage({ layers: [layerOf('a', '1')] }), 'a'));
  await store.load(ociArchive(buildImage({ layers: [layerOf('a', '2')] }), 'a'));
  using db = store.openDatabase();
  assert.deepEqual(
    listImages(db)
      .map(({ references }) => references.length)
      .toSorted((a, b) => a - b),
    [0, 1],
  );
  assert.equal(lstatSync(join(store.root, 'index.json')).mode & 0o777, 0o600);
});
