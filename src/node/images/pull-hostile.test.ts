import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Reply } from '../registry/testing/fake-registry.ts';
import { layerOf } from './testing/image-builder.ts';
import { JANE, RemoteImage } from './testing/remote-image.ts';

const MANIFEST = /\/manifests\/latest$/;
const JSON_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';

/** Pulls, which has to fail with this sentence, and leaves nothing in the store. */
async function refuses(
  remote: RemoteImage,
  message: RegExp,
  more: Parameters<RemoteImage['pull']>[1] = {},
): Promise<void> {
  await assert.rejects(remote.pull('box', more), (error: Error) => {
    assert.match(error.message, message);
    assert.ok('isCortenError' in error, String(error));
    assert.ok(!error.message.includes('secret'));
    return true;
  });
  assert.deepEqual(readdirSync(join(remote.store.root, 'blobs/sha256')), []);
  assert.deepEqual(readdirSync(join(remote.store.root, 'layers')), []);
  assert.deepEqual(readdirSync(join(remote.store.root, 'tmp')), ['lock']);
  for (const table of ['contents', 'layers', 'images', 'image_references']) {
    assert.deepEqual(remote.store.query(`SELECT * FROM ${table}`), [], table);
  }
}

test('blobs that lie about digest, size or content are refused, and nothing of the image is kept', async () => {
  const lies: readonly (readonly [string, (blob: Uint8Array) => Uint8Array, RegExp])[] = [
    ['other bytes', (blob) => blob.map((byte) => byte ^ 1), /digest sha256:|is refused|is damaged/],
    [
      'too many',
      (blob) => Buffer.concat([blob, blob]),
      /has \d+ bytes of the blob sha256:\w+, which should be/,
    ],
    ['too few', (blob) => blob.subarray(0, -1), /has \d+ bytes of the blob sha256:\w+, which should be/],
  ];
  for (const [, lie, message] of lies) {
    for (const pick of ['config', 'layer'] as const) {
      using remote = await RemoteImage.start();
      const blob = pick === 'config' ? remote.image.config : remote.image.blobs[1];
      assert.ok(blob);
      const digest = remote.registry.addBlob(blob);
      remote.registry.blobs.set(digest, lie(blob));
      await refuses(remote, message);
    }
  }
});

test('a body without an end ends with the size that was promised', async () => {
  using remote = await RemoteImage.start();
  remote.registry.on(/\/blobs\//, (_request, response) => {
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(1 << 16)));
    };
    response.on('drain', more);
    more();
  });
  await refuses(remote, /more than the \d+ bytes that the blob/);
});

test('layers that are archives of no layer, bombs or of another DiffID are refused', async () => {
  const tar = layerOf('a', '1');
  const layers = [tar];
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ layers: [Buffer.alloc(4096, 0x61)] }, /is refused/],
    [{ layers, compress: () => gzipSync(tar).subarray(0, -5) }, /ends early/],
    [{ layers, compress: () => gzipSync(layerOf('a', '2')) }, /has DiffID sha256:/],
    [
      { layers, config: { rootfs: { type: 'layers', diff_ids: [] } } },
      /has 1 layers, but rootfs\.diff_ids lists 0/,
    ],
    [{ layers, config: { os: 7 } }, /Field os of the image configuration is not a string/],
  ];
  for (const [image, message] of cases) {
    using remote = await RemoteImage.start(image);
    await refuses(remote, message);
  }
});

test('manifests that are none, too large, or two things at once are refused', async () => {
  const both = JSON.stringify({ schemaVersion: 2, manifests: [], config: {}, layers: [] });
  const nested = '['.repeat(100_000) + ']'.repeat(100_000);
  const replies: readonly (readonly [Reply, RegExp])[] = [
    [[200, { 'content-type': JSON_TYPE }, 'hello'], /is not JSON/],
    [[200, { 'content-type': JSON_TYPE }, '{}'], /schemaVersion/],
    [[200, { 'content-type': JSON_TYPE }, nested], /is not JSON|is not an object/],
    [[200, { 'content-type': JSON_TYPE }, Buffer.alloc((4 << 20) + 1, 0x20)], /has more than 4194304 bytes/],
    [[200, { 'content-type': INDEX_TYPE }, both], /an index and an image's manifest at once/],
    [
      [200, { 'content-type': INDEX_TYPE }, `{"schemaVersion":2,"mediaType":"${JSON_TYPE}"}`],
      /came as .*, but calls itself/,
    ],
    [[200, { 'content-type': 'text/html' }, '{"schemaVersion":2}'], /media type "text\/html"/],
    [[200, { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }, '{}'], /but sha256:0+ was promised/],
    [[200, { 'x-large': 'x'.repeat(64 << 10) }, '{}'], /no HTTP that can be read/],
    [
      [418, {}, '{"errors":[{"code":"TEA\\u001b[2J","message":"pot"}]}'],
      /answered 418 about box \(TEA\?\[2J: pot\)/,
    ],
    [[403, {}, 'no json'], /denies access to box$/],
  ];
  for (const [reply, message] of replies) {
    using remote = await RemoteImage.start();
    remote.registry.reply(MANIFEST, reply);
    await refuses(remote, message);
  }
});

test('an index may name what it wants: size, type and nesting are checked', async () => {
  using remote = await RemoteImage.start();
  const platform = { os: 'linux', architecture: 'amd64' };
  const index = (entry: object): Buffer =>
    Buffer.from(
      JSON.stringify({ schemaVersion: 2, manifests: [{ ...remote.image.descriptor, platform, ...entry }] }),
    );
  const put = (entry: object): string => remote.registry.addManifest('latest', INDEX_TYPE, index(entry));
  put({ size: 1 });
  await refuses(remote, /is not of the size and media type that its index says/);
  put({ mediaType: 'application/x' });
  await refuses(remote, /is not of the size and media type/);
  put({ digest: `sha256:${'1'.repeat(64)}` });
  await refuses(remote, /has no such thing in box/);
  put({ platform: { os: 'linux', architecture: 'riscv64' } });
  await refuses(remote, /has no image for linux\/amd64, but linux\/riscv64/);
  let inner = put({});
  for (let depth = 0; depth < 5; depth++) {
    const size = remote.registry.manifests.get(inner)?.bytes.length;
    inner = put({ digest: inner, size, mediaType: INDEX_TYPE });
  }
  await refuses(remote, /nest deeper than 4/);
});

test('redirects lead on, but neither in circles, nor to plain HTTP from TLS, nor with credentials elsewhere', async () => {
  using remote = await RemoteImage.start();
  using other = await RemoteImage.start();
  const [digest] = remote.image.blobs.map((blob) => remote.registry.addBlob(blob));
  remote.registry.on(/\/blobs\//, (request, response) => {
    response.writeHead(307, { location: `${other.registry.url}${request.url}` }).end();
  });
  remote.registry.reply(/\/v2\/box\/manifests\/latest/, [401, { 'www-authenticate': 'Basic realm="x"' }], 1);
  await remote.pull('box', { credentials: JANE, headers: [['x-own', 'private']] });
  assert.ok(remote.registry.headers.at(-1)?.authorization?.startsWith('Basic '));
  assert.equal(remote.registry.headers.at(-1)?.['x-own'], 'private');
  assert.ok(other.registry.requests.includes(`GET /v2/box/blobs/${digest}`));
  for (const headers of other.registry.headers) {
    assert.deepEqual([headers.authorization, headers['x-own']], [undefined, undefined]);
  }
  for (const [location, message] of [
    ['/v2/box/manifests/latest', /leads on more than 5 times/],
    ['ftp://127.0.0.1/', /leads to "ftp:\/\/127\.0\.0\.1\/", which is no https address/],
    ['file:///etc/passwd', /which is no https address/],
    ['http://jane:guess@127.0.0.1/', /leads to an address with a password/],
    ['http://[', /which is no address/],
  ] as const) {
    using fresh = await RemoteImage.start();
    fresh.registry.reply(MANIFEST, [302, { location }]);
    await refuses(fresh, message);
  }
});

test('a realm is where the registry says, but never a scheme that is none of its own', async () => {
  for (const [header, message] of [
    ['Bearer realm="file:///etc/passwd"', /names "file:\/\/\/etc\/passwd" as the place to log in/],
    ['Bearer service="x"', /names "" as the place to log in/],
    ['Bearer realm="http://jane:pw@127.0.0.1/"', /as the place to log in/],
    ['Digest realm="x"', /refuses the credentials of jane \(it answered 401\)/],
    ['', /refuses the credentials of jane/],
  ] as const) {
    using remote = await RemoteImage.start();
    remote.registry.reply(MANIFEST, [401, { 'www-authenticate': header }]);
    await refuses(remote, message, { credentials: JANE });
  }
});

test('token servers that answer nonsense are named', async () => {
  for (const [reply, message] of [
    [[200, {}, 'x'], /token server 127\.0\.0\.1:\d+ is not JSON/],
    [[200, {}, '{}'], /field token that is missing/],
    [[200, {}, '{"token":"a b"}'], /field token that is missing or no token/],
    [[200, {}, JSON.stringify({ token: 'x'.repeat(2 << 20) })], /has more than 1048576 bytes/],
    [[200, {}, '{"token":"t"}'], /refuses the credentials of jane \(it answered 401\)/],
    [[500, {}, ''], /The registry 127\.0\.0\.1:\d+ fails \(500\)/],
  ] as readonly (readonly [Reply, RegExp])[]) {
    using remote = await RemoteImage.start();
    const header = `Bearer realm="${remote.registry.url}/token",service="s",scope="a b"`;
    remote.registry.reply(MANIFEST, [401, { 'www-authenticate': header }]);
    remote.registry.reply(/^\/token/, reply);
    await refuses(remote, message, { credentials: JANE });
    assert.ok(
      remote.registry.requests.includes(
        'GET /token?service=s&scope=repository%3Abox%3Apull&scope=a&scope=b&account=jane',
      ),
    );
  }
});
