import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { Digest } from '../../pure/base/digest.ts';
import { Registry } from './registry.ts';
import { FakeRegistry } from './testing/fake-registry.ts';
import { uploadBlob, type Uploaded } from './upload-blob.ts';

const UPLOAD = /^\/v2\/box\/blobs\/uploads\/1(?:\?.*)?$/;

/** A registry that takes uploads as distribution-spec says, and remembers how much came after a cut. */
class Uploads {
  readonly registry: FakeRegistry;
  content = Buffer.alloc(0);
  /** Bytes after which each next PATCH is cut. */
  readonly cuts: number[];

  private constructor(registry: FakeRegistry, cuts: readonly number[]) {
    this.registry = registry;
    this.cuts = [...cuts];
    const location = '/v2/box/blobs/uploads/1';
    registry.reply(/^\/v2\/box\/blobs\/uploads\/(?:\?.*)?$/, [202, { location }]);
    registry.on(
      UPLOAD,
      (request, response) =>
        void this.#take(request).then((status) => {
          const range = `0-${Math.max(0, this.content.length - 1)}`;
          if (status === undefined) response.destroy();
          else response.writeHead(status, { location, range }).end();
        }),
    );
  }

  static async start(cuts: readonly number[] = []): Promise<Uploads> {
    return new Uploads(await FakeRegistry.start(), cuts);
  }

  async push(content: Buffer, sources: readonly string[] = []): Promise<Uploaded> {
    const { signal } = new AbortController();
    const retry = { tries: 3, delay: 1, longestWait: 0 };
    using registry = new Registry({ access: this.registry.access(), repository: 'box', signal, retry });
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}` as Digest;
    const read = (start: number, end: number): Readable => Readable.from([content.subarray(start, end)]);
    return await uploadBlob(registry.own, { digest, size: content.length, sources, read });
  }

  [Symbol.dispose](): void {
    this.registry[Symbol.dispose]();
  }

  async #take(request: IncomingMessage): Promise<number | undefined> {
    if (request.method === 'GET') return 204;
    const limit = request.method === 'PATCH' ? (this.cuts.shift() ?? Infinity) : Infinity;
    let count = 0;
    for await (const chunk of request) {
      count += (chunk as Buffer).length;
      if (count > limit) return undefined;
      this.content = Buffer.concat([this.content, chunk as Buffer]);
    }
    return request.method === 'PUT' ? 201 : 202;
  }
}

test('uploadBlob() sends a small blob in one request and a big one in chunks', async () => {
  for (const [size, methods] of [
    [1000, ['HEAD', 'POST', 'PUT']],
    [20 << 20, ['HEAD', 'POST', 'PATCH', 'PATCH', 'PUT']],
  ] as const) {
    using uploads = await Uploads.start();
    const content = randomBytes(size);
    assert.equal(await uploads.push(content), 'uploaded');
    assert.deepEqual(
      uploads.registry.requests.map((request) => request.split(' ')[0]),
      methods,
    );
    assert.ok(uploads.content.equals(content));
    assert.match(uploads.registry.requests.at(-1) ?? '', /uploads\/1\?digest=sha256%3A[0-9a-f]{64}$/);
  }
});

test('uploadBlob() goes on after a cut with the byte that the registry wants next', async () => {
  using uploads = await Uploads.start([5 << 20, 3 << 20]);
  const content = randomBytes(20 << 20);
  await uploads.push(content);
  assert.ok(uploads.content.equals(content));
  const ranges = uploads.registry.headers.flatMap((headers) => headers['content-range'] ?? []);
  assert.equal(ranges[0], `0-${(16 << 20) - 1}`);
  assert.ok(ranges.slice(1, 3).every((range) => Number(range.split('-')[0]) > 0));
});

test('uploadBlob() begins anew where the registry has lost the upload', async () => {
  using uploads = await Uploads.start([5 << 20]);
  const lost = uploads.registry;
  const content = randomBytes(20 << 20);
  lost.onFirst(UPLOAD, 'GET', (_request, response) => {
    uploads.content = Buffer.alloc(0);
    response.writeHead(404).end();
  });
  await uploads.push(content);
  assert.ok(uploads.content.equals(content));
  assert.equal(lost.requests.filter((request) => request.startsWith('POST')).length, 2);
});

test('uploadBlob() mounts what another repository has, and goes on by itself where that is refused', async () => {
  using uploads = await Uploads.start();
  uploads.registry.onFirst(/mount=.*from=a/, 'POST', (_request, response) => response.writeHead(201).end());
  assert.equal(await uploads.push(randomBytes(10), ['a']), 'mounted');
  assert.equal(await uploads.push(randomBytes(10), ['b']), 'uploaded');
  assert.ok(uploads.registry.requests.includes('DELETE /v2/box/blobs/uploads/1'));
});

test('uploadBlob() refuses a place for the upload that is none', async () => {
  for (const location of ['', 'ftp://x/', 'file:///etc']) {
    using fake = await FakeRegistry.start();
    fake.reply(/uploads\/$/, [202, { location }]);
    const { signal } = new AbortController();
    using registry = new Registry({ access: fake.access(), repository: 'box', signal });
    const upload = {
      digest: `sha256:${'0'.repeat(64)}` as Digest,
      size: 0,
      sources: [],
      read: () => Readable.from([]),
    };
    await assert.rejects(
      uploadBlob(registry.own, upload),
      /begins an upload at ".*", which is no address for it/,
    );
  }
});
