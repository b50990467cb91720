import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { isCortenError } from '../../pure/base/errors.ts';
import {
  blobEntry,
  buildImage,
  descriptorOf,
  digestOf,
  dockerEntries,
  hexOf,
  jsonOf,
  layerOf,
  layoutEntries,
  named,
  ociArchive,
  type TestImage,
} from './testing/image-builder.ts';
import { tarOf, type TarEntry } from './testing/tar-builder.ts';
import { TempStore } from './testing/temp-store.ts';

const IMAGE = buildImage({ layers: [layerOf('a', '1'.repeat(5000)), layerOf('b', '2')] });
const CONFIG_NAME = `${hexOf(IMAGE.config)}.json`;
const GZIP_TYPE = 'application/vnd.oci.image.layer.v1.tar+gzip';

/** Each archive fails by one error of ours, whose one sentence is told; the store is as it was. */
async function refuses(store: TempStore, archive: Uint8Array, message: RegExp): Promise<void> {
  const before = store.state();
  try {
    await store.load(archive);
  } catch (error) {
    assert.ok(isCortenError(error), String((error as Error).stack));
    assert.match(error.message, message);
    assert.match(error.message, /^[A-Z][^\n]{5,600}[^.\n]$/);
    assert.deepEqual(store.state(), before, message.source);
    return;
  }
  assert.fail(`loaded, where ${message} was due`);
}

/** A store that has an image already, so that there is something to lose. */
async function filledStore(): Promise<TempStore> {
  const store = new TempStore();
  await store.load(ociArchive(buildImage({ layers: [layerOf('a', 'first')] }), 'first'));
  return store;
}

function docker(manifest: unknown, extra: readonly TarEntry[] = []): Buffer {
  const entries = dockerEntries(IMAGE, ['a']).filter(({ name }) => name !== 'manifest.json');
  const data = Buffer.isBuffer(manifest) ? manifest : jsonOf(manifest);
  return tarOf([...entries, ...extra, { name: 'manifest.json', data }]);
}

function layout(index: unknown, image = IMAGE): Buffer {
  const entries = layoutEntries([image], {}).filter(({ name }) => name !== 'index.json');
  return tarOf([...entries, { name: 'index.json', data: Buffer.isBuffer(index) ? index : jsonOf(index) }]);
}

function oneOf(change: Partial<TestImage>): Buffer {
  return ociArchive(buildImage({ layers: [layerOf('a', '1')], ...change }), 'a');
}

const REAL = {
  Config: CONFIG_NAME,
  RepoTags: ['a'],
  Layers: IMAGE.blobs.map((blob) => `${hexOf(blob)}.tar`),
};

test('a manifest.json that is none of `docker save` is refused by its field', async () => {
  using store = await filledStore();
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [Buffer.from('{'), /The file manifest\.json is not JSON/],
    [Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]), /The file manifest\.json is not UTF-8/],
    [Buffer.alloc(5 << 20, 0x20), /The file manifest\.json has 5242880 bytes, more than/],
    [Buffer.from('['.repeat(100_000)), /The file manifest\.json is not JSON/],
    [{}, /not an array/],
    [[], /lists no image/],
    [new Array(1001).fill(REAL), /more than 1000/],
    [[null], /The file manifest\.json, image 0, is not an object/],
    [[{ ...REAL, Config: 1 }], /Field Config of the file manifest\.json, image 0, is not a string/],
    [[{ ...REAL, Layers: 'x' }], /Field Layers .* is not an array/],
    [[{ ...REAL, RepoTags: [7] }], /Field RepoTags\[0\] .* is not a string/],
    [[{ ...REAL, RepoTags: ['A B'] }], /Image name "A B"/],
    [[{ ...REAL, RepoTags: [`a@${digestOf(IMAGE.config)}`] }], /names .* an image whose manifest is/],
    [Buffer.from(`[{"__proto__":${JSON.stringify(REAL)}}]`), /Field Config .* is missing/],
    [[{ ...REAL, Layers: ['../../etc/passwd', 'x'] }], /Layers in manifest\.json leads out of the archive/],
    [[{ ...REAL, Layers: ['/etc/passwd', 'x'] }], /Layers in manifest\.json leads out of the archive/],
    [[{ ...REAL, Config: '../../../etc/passwd' }], /Config in manifest\.json leads out of the archive/],
    [[{ ...REAL, Layers: ['__proto__', 'constructor'] }], /names "__proto__", which is not in the archive/],
    [[{ ...REAL, Layers: REAL.Layers.slice(1) }], /has 1 layers, but rootfs\.diff_ids lists 2/],
    [[{ ...REAL, Layers: REAL.Layers.toReversed() }], /has DiffID sha256:/],
  ];
  for (const [manifest, message] of cases) await refuses(store, docker(manifest), message);
});

test('links of an archive are followed within it, and not for ever', async () => {
  using store = await filledStore();
  const link = (name: string, target: string): TarEntry => ({ name, type: '2', link: target });
  const withLayer = (name: string, extra: readonly TarEntry[]) =>
    docker([{ ...REAL, Layers: [name, 'x'] }], extra);
  await refuses(
    store,
    withLayer('l', [link('l', '../../etc/passwd')]),
    /The link l leads out of the archive/,
  );
  await refuses(store, withLayer('l', [link('l', '/etc/passwd')]), /The link l leads out of the archive/);
  await refuses(
    store,
    withLayer('l', [link('l', 'm'), link('m', 'l')]),
    /names "l", which is not in the archive/,
  );
  await refuses(store, withLayer('l', [link('l', 'nothing')]), /names "l", which is not in the archive/);
});

test('an index.json or manifest that is wrong is refused by its field', async () => {
  using store = await filledStore();
  const good = named(IMAGE, 'a');
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [Buffer.from(''), /The file index\.json is not JSON/],
    [{ schemaVersion: 1 }, /Field schemaVersion of the file index\.json is not 2/],
    [{ schemaVersion: 2 }, /The file index\.json lists no image/],
    [
      { schemaVersion: 2, manifests: [{ ...good, digest: 'sha256:../../x' }] },
      /manifests\[0\]\.digest .* is no sha256 digest/,
    ],
    [
      { schemaVersion: 2, manifests: [{ ...good, digest: digestOf(Buffer.from('no')) }] },
      /which is not in the archive/,
    ],
    [{ schemaVersion: 2, manifests: [{ ...good, size: 7 }] }, /bytes and not 7/],
    [{ schemaVersion: 2, manifests: [{ ...good, size: -1 }] }, /size .* is not a whole number/],
    [{ schemaVersion: 2, manifests: [{ ...good, mediaType: 'text/plain' }] }, /media type "text\/plain"/],
    [{ schemaVersion: 2, manifests: [named(IMAGE, 'UPPER')] }, /capital letters/],
    [{ schemaVersion: 2, manifests: new Array(1001).fill(good) }, /more than 1000/],
  ];
  for (const [index, message] of cases) await refuses(store, layout(index), message);
});

test('an image that is not what its configuration says is refused', async () => {
  using store = await filledStore();
  const other = digestOf(layerOf('a', 'other'));
  const rootfs = { type: 'layers', diff_ids: [other] };
  await refuses(store, oneOf({ config: { rootfs } }), /has DiffID sha256:.* but its configuration says/);
  await refuses(
    store,
    oneOf({ config: { rootfs: { type: 'layers', diff_ids: [] } } }),
    /has 1 layers, but .* lists 0/,
  );
  await refuses(store, oneOf({ config: { os: 'windows' } }), /is for "windows"/);
  await refuses(store, oneOf({ config: { config: { Env: 'x' } } }), /Field config\.Env .* is not an array/);
  await refuses(store, oneOf({ layerType: 'application/vnd.erofs' }), /media type "application\/vnd\.erofs"/);
});

test('blobs that are not what their names say are refused', async () => {
  using store = await filledStore();
  const entries = layoutEntries([IMAGE], { manifests: [named(IMAGE, 'a')] });
  for (const [index, entry] of entries.slice(0, 4).entries()) {
    const data = Buffer.from(entry.data ?? '');
    data[data.length - 1] = (data.at(-1) ?? 0) ^ 1;
    await refuses(
      store,
      tarOf(entries.with(index, { ...entry, data })),
      /sha256:[0-9a-f]{64} has digest sha256:/,
    );
  }
  await refuses(
    store,
    docker([{ ...REAL, Config: `${'0'.repeat(64)}.json` }], [{ name: `${'0'.repeat(64)}.json`, data: '{}' }]),
    /has digest sha256:/,
  );
});

test('layers that are damaged, or no tar, or too much for their compression, are refused', async () => {
  using store = await filledStore();
  const half = (tar: Buffer) => gzipSync(tar).subarray(0, -12);
  const flipped = (tar: Buffer) => {
    const data = gzipSync(tar);
    data[12] = (data[12] ?? 0) ^ 0xff;
    return data;
  };
  await refuses(store, oneOf({ layerType: GZIP_TYPE, compress: half }), /The layer sha256:\S+ ends early/);
  await refuses(store, oneOf({ layerType: GZIP_TYPE, compress: flipped }), /The layer sha256:\S+ is damaged/);
  await refuses(
    store,
    oneOf({ layers: [Buffer.from('no tar at all, but text'.repeat(100))] }),
    /The layer sha256:/,
  );
  await refuses(store, oneOf({ layers: [Buffer.from('BZh91AY&SY')] }), /compressed with bzip2/);
  const climbing = tarOf([{ name: '../../etc/cron.d/x', data: 'evil' }]);
  await refuses(store, oneOf({ layers: [climbing] }), /The layer sha256:/);
});

test('what is no archive of images is refused', async () => {
  using store = await filledStore();
  await refuses(store, Buffer.alloc(0), /The archive/);
  await refuses(store, Buffer.from('hello'), /The archive/);
  await refuses(store, Buffer.alloc(1024), /holds no image/);
  await refuses(store, layerOf('etc/passwd', 'x'), /holds no image/);
  await refuses(store, tarOf([{ name: '../x', data: 'x' }]), /leads out of the archive/);
  await refuses(store, tarOf([{ name: 'x', data: 'x', size: 2 ** 32 }]), /The archive|needs/);
  const twice = [
    { name: 'manifest.json', data: '[]' },
    { name: 'manifest.json', data: '[{}]' },
  ];
  await refuses(store, tarOf(twice), /"manifest\.json" twice/);
  const links = Array.from({ length: 10_001 }, (_, index) => ({ name: `${index}`, type: '2', link: 'x' }));
  await refuses(store, tarOf(links), /more than 10000/);
});

/** The next entry of a tar has this record, whatever its own header says (POSIX pax, "Extended Header"). */
function pax(key: string, value: Buffer | string): TarEntry {
  const body = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
  const length = [1, 2, 3, 4, 5]
    .map((digits) => digits + body.length)
    .find((n, i) => `${n}`.length === i + 1);
  return { name: 'pax', type: 'x', data: Buffer.concat([Buffer.from(`${length}`), body]) };
}

test('names and sizes beyond every limit are refused before anything is written', async () => {
  using store = await filledStore();
  const file = { name: 'x', data: 'x' };
  const cases: readonly (readonly [readonly TarEntry[], RegExp])[] = [
    [[pax('size', `${2 ** 45}`), file], /The file "x" in the archive has 35184372088832 bytes, more than/],
    [
      [pax('size', `${2 ** 36 + 2 ** 35}`), file],
      /The archive|The file "x" in the archive has 103079215104 bytes, and/,
    ],
    [[pax('path', 'n'.repeat(5000)), file], /A name in the archive has more than 4096 bytes/],
    [[pax('linkpath', 'n'.repeat(5000)), { name: 'x', type: '2' }], /A name .* more than 4096 bytes/],
    [[pax('path', Buffer.from([0x61, 0xff])), file], /A name in the archive is not UTF-8/],
    [[pax('path', '/etc/passwd'), file], /leads out of the archive: "\/etc\/passwd"/],
    [[pax('path', 'a/../../x'), { name: 'x', type: '5' }], /leads out of the archive/],
    [[{ name: 'pax', type: 'x', data: '', size: 2 ** 32 }], /^The archive is refused: /],
  ];
  for (const [entries, message] of cases) await refuses(store, tarOf(entries), message);
  await refuses(store, gzipSync(Buffer.alloc(64 << 20)), /holds no image/);
  const huge = tarOf([{ name: 'x', data: 'x', size: 2 ** 33 - 1 }]);
  await refuses(store, oneOf({ layers: [huge] }), /The layer sha256:/);
});

test('random bytes are refused, compressed or not', async () => {
  using store = await filledStore();
  for (let length = 1; length < 1 << 20; length = length * 3 + 1) {
    const bytes = randomBytes(length);
    await refuses(store, bytes, /^The archive/);
    await refuses(store, gzipSync(bytes), /^The archive/);
    await refuses(store, oneOf({ layers: [bytes] }), /^The layer/);
  }
});

test('an archive that ends anywhere before its end leaves the store as it was', async () => {
  using store = await filledStore();
  const archives = [ociArchive(IMAGE, 'a'), docker([REAL]), gzipSync(ociArchive(IMAGE, 'a'))];
  for (const archive of archives) {
    // The last kilobyte of a tar is its end mark, which some writers leave out.
    for (let length = 0; length < archive.length - 1536; length += 1 + Math.floor(archive.length / 24)) {
      await refuses(store, archive.subarray(0, length), /^The /);
    }
  }
});

test('changing any one byte of an archive loads the same image, or leaves the store as it was', async () => {
  using store = await filledStore();
  const archive = ociArchive(IMAGE, 'first');
  const ids = new Set<string>();
  for (let at = 0; at < archive.length; at += 173) {
    const changed = Buffer.from(archive);
    changed[at] = (changed[at] ?? 0) ^ 0x55;
    const before = store.state();
    try {
      for (const { id } of await store.load(changed)) ids.add(id);
    } catch (error) {
      assert.ok(isCortenError(error), String((error as Error).stack));
      assert.deepEqual(store.state(), before);
    }
  }
  assert.deepEqual([...ids], [digestOf(IMAGE.config)]);
});

test('a blob that two images describe by different sizes is refused', async () => {
  using store = await filledStore();
  const layer = IMAGE.blobs[0] ?? assert.fail();
  const manifest = jsonOf({
    schemaVersion: 2,
    config: descriptorOf('application/vnd.oci.image.config.v1+json', IMAGE.config),
    layers: [{ ...descriptorOf('application/vnd.oci.image.layer.v1.tar', layer), size: 1 }],
  });
  const entries = layoutEntries([IMAGE], {
    manifests: [descriptorOf('application/vnd.oci.image.manifest.v1+json', manifest)],
  });
  await refuses(store, tarOf([...entries, blobEntry(manifest)]), /bytes and not 1/);
});
