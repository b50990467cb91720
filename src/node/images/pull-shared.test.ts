import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { digestOf, hexOf, layerOf } from './testing/image-builder.ts';
import { RemoteImage } from './testing/remote-image.ts';

const [A, B] = [layerOf('a', 'x'.repeat(1 << 20)), layerOf('b', 'y'.repeat(1 << 20))];

test('pullImage() neither fetches nor inflates again what another image of the store has', async () => {
  using remote = await RemoteImage.start({ layers: [A, B], compress: gzipSync });
  await remote.pull();
  const [shared] = remote.image.blobs;
  assert.ok(shared);
  // Whoever inflates it will notice; that it lies damaged on the disk is for `system check` to find.
  writeFileSync(join(remote.store.root, 'blobs/sha256', hexOf(shared)), Buffer.alloc(shared.length), {
    flag: 'r+',
  });
  remote.add('other', { layers: [A, layerOf('c', 'new')], compress: gzipSync });
  assert.equal((await remote.pull('box:other')).isNew, true);
  assert.equal((await remote.pull()).isNew, false);
  const asked = remote.registry.requests.filter((request) => request.includes(digestOf(shared)));
  assert.equal(asked.length, 1);
});

test('a blob of the store is inflated again where an image calls it another layer than those that have it', async () => {
  using remote = await RemoteImage.start({ layers: [A, B], compress: gzipSync });
  await remote.pull();
  const swapped = { rootfs: { type: 'layers', diff_ids: [B, A].map(digestOf) } };
  remote.add('swapped', { layers: [A, B], compress: gzipSync, config: swapped });
  const before = remote.store.state();
  await assert.rejects(remote.pull('box:swapped'), { code: 'ARCHIVE_DIGEST_MISMATCH' });
  assert.deepEqual(remote.store.state(), before);
});
