import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { FakeRegistry } from '../registry/testing/fake-registry.ts';
import { RemoteImage } from './testing/remote-image.ts';

/** Sends a part of what follows an offset, with the headers of the whole, and cuts the connection. */
function cutAfter(bytes: number, remote: RemoteImage) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const digest = request.url?.split('/').at(-1) ?? '';
    const blob = remote.registry.blobs.get(digest) ?? Buffer.alloc(0);
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const range = `bytes ${from}-${blob.length - 1}/${blob.length}`;
    const headers = { 'content-length': blob.length - from };
    if (from === 0) response.writeHead(200, headers);
    else response.writeHead(206, { ...headers, 'content-range': range });
    response.write(blob.subarray(from, from + bytes), () => response.destroy());
  };
}

test('a blob whose connection is cut goes on by Range, as often as something comes', async () => {
  using remote = await RemoteImage.start();
  const [layer] = remote.image.blobs;
  assert.ok(layer);
  const digest = remote.registry.addBlob(layer);
  remote.registry.on(new RegExp(`/blobs/${digest}$`), cutAfter(300_000, remote), 3);
  await remote.pull();
  const requests = remote.registry.requests.filter((request) => request.includes(digest));
  assert.equal(requests.length, 4);
  const offsets = requests.map((request) => Number(/bytes=(\d+)-$/.exec(request)?.[1] ?? 0));
  assert.deepEqual(offsets, [0, 300_000, 600_000, 900_000]);
});

test('a registry without ranges is read from the start again, and what is there is passed over', async () => {
  using remote = await RemoteImage.start();
  const [layer] = remote.image.blobs;
  assert.ok(layer);
  const digest = remote.registry.addBlob(layer);
  const path = new RegExp(`/blobs/${digest}$`);
  remote.registry.on(path, cutAfter(700_000, remote), 1);
  remote.registry.on(path, (_request, response) => response.end(layer), 1);
  const { id } = await remote.pull();
  assert.deepEqual(remote.store.query('SELECT id FROM images'), [[id]]);
});

test('cuts without progress end after some tries, and so does a connection that is always refused', async () => {
  using remote = await RemoteImage.start();
  remote.registry.on(/\/blobs\//, cutAfter(0, remote));
  await assert.rejects(
    remote.pull(),
    /The registry 127\.0\.0\.1:\d+ can't be reached: the connection to .* failed/,
  );
  const config = remote.registry.requests.filter((request) => request.includes('/blobs/'));
  assert.equal(config.length, 3);
  const gone = await FakeRegistry.start();
  const access = gone.access();
  gone[Symbol.dispose]();
  await assert.rejects(remote.pull('box', access.endpoints[0]), /can't be reached: connect ECONNREFUSED/);
});

test('429 and 503 are waited for, as long as Retry-After says but not for hours', async () => {
  using remote = await RemoteImage.start();
  remote.registry.reply(/\/manifests\/latest$/, [429, { 'retry-after': '0' }], 2);
  remote.registry.reply(/\/blobs\//, [503, {}], 2);
  await remote.pull();
  assert.equal(remote.registry.requests.filter((request) => request.includes('manifests/latest')).length, 3);
  remote.registry.reply(/\/manifests\/latest$/, [429, { 'retry-after': '3600' }], 1);
  await assert.rejects(remote.pull(), /takes no more requests for now \(429\): try again in 3600 s/);
  const date = new Date(Date.now() + 7_200_000).toUTCString();
  remote.registry.reply(/\/manifests\/latest$/, [429, { 'retry-after': date }], 1);
  await assert.rejects(remote.pull(), /try again in 7\d\d\d s/);
  remote.registry.reply(/\/manifests\/latest$/, [502, {}], 3);
  await assert.rejects(remote.pull(), /fails \(502\), also after a while/);
});

test('where a mirror fails, in the middle or at once, the registry itself goes on', async () => {
  using remote = await RemoteImage.start();
  using mirror = await RemoteImage.start();
  const [layer] = remote.image.blobs;
  assert.ok(layer);
  const digest = remote.registry.addBlob(layer);
  mirror.registry.on(new RegExp(`/blobs/${digest}$`), cutAfter(500_000, mirror), 1);
  mirror.registry.reply(new RegExp(`/blobs/${digest}$`), [404, {}]);
  const both = [mirror.registry.access(), remote.registry.access()].flatMap(({ endpoints }) => endpoints);
  await remote.pullFrom({ endpoints: both });
  assert.ok(remote.registry.requests.includes(`GET /v2/box/blobs/${digest} bytes=500000-`));
  assert.equal(remote.registry.requests.length, 1);
  mirror.registry.reply(/./, [404, {}]);
  const resolver = { ...mirror.registry.access().endpoints[0], capabilities: ['pull'] as const };
  mirror.registry.requests.length = 0;
  await remote.pullFrom(
    { endpoints: [resolver, ...remote.registry.access().endpoints] as typeof both },
    'box:latest',
  );
  // One that may not resolve is never asked for a tag.
  assert.ok(!mirror.registry.requests.some((request) => request.includes('manifests/latest')));
});
