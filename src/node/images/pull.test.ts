import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layerOf } from './testing/image-builder.ts';
import { RemoteImage } from './testing/remote-image.ts';
import { tarOf } from './testing/tar-builder.ts';

const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';

test('pullImage() takes the image of an index for the platform that is asked for', async () => {
  using remote = await RemoteImage.start();
  const arm = remote.add('arm', { layers: [layerOf('a', 'arm')], architecture: 'arm64' });
  const manifests = [
    { ...remote.image.descriptor, platform: { os: 'linux', architecture: 'amd64' } },
    { ...arm.descriptor, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
  ];
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests }));
  const digest = remote.registry.addManifest('multi', INDEX_TYPE, index);
  const ours = await remote.pull('box:multi');
  const theirs = await remote.pull('box:multi', { platform: 'linux/arm64' });
  assert.deepEqual([ours.digest, theirs.digest], [digest, digest]);
  assert.notEqual(ours.id, theirs.id);
  await assert.rejects(
    remote.pull('box:arm', { platform: 'linux/s390x' }),
    /is for linux\/arm64, not for linux\/s390x/,
  );
  const byDigest = await remote.pull(`box@${digest}`);
  assert.deepEqual([byDigest.id, byDigest.reference], [ours.id, `${remote.registry.host}/box@${digest}`]);
  const withTag = await remote.pull(`box:odd@${digest}`);
  assert.equal(withTag.reference, byDigest.reference);
});

test('pullImage() converts layers that need those below, and fetches one that comes twice once', async () => {
  const below = tarOf([
    { name: 'dir', type: '5', mode: 0o750 },
    { name: 'dir/a', data: '1' },
  ]);
  // A name whose directory only the layer below has.
  const above = tarOf([{ name: 'dir/b', data: '2' }]);
  using remote = await RemoteImage.start({ layers: [below, above, above] });
  const { id, isNew } = await remote.pull();
  assert.equal(isNew, true);
  const files = remote.store.query(
    `SELECT file FROM image_layers WHERE image_id = '${id}' ORDER BY position`,
  );
  assert.equal(new Set(files.map(([file]) => file)).size, 3);
  assert.equal(remote.registry.requests.filter((request) => request.includes('/blobs/')).length, 3);
  assert.equal((await remote.pull()).isNew, false);
});

test('pullImage() tells of each layer when it begins, comes and is there', async () => {
  using remote = await RemoteImage.start();
  await remote.pull();
  const states = remote.progress.map(({ state }) => state);
  assert.deepEqual(states.slice(0, 2), ['waiting', 'waiting']);
  assert.equal(states.filter((state) => state === 'done').length, 2);
  assert.ok(remote.progress.every(({ current, total }) => current <= total));
  remote.progress.length = 0;
  await remote.pull();
  assert.deepEqual(
    remote.progress.map(({ state }) => state),
    ['waiting', 'waiting', 'present', 'present'],
  );
});

test('a name that is asked for in vain tells the tags that exist', async () => {
  using remote = await RemoteImage.start();
  await assert.rejects(remote.pull('box:2'), /has no tag 2 in box; it lists no tags there either$/);
  const tags = Array.from({ length: 12 }, (_, index) => `v${index}`);
  remote.registry.reply(/tags\/list/, [200, {}, JSON.stringify({ name: 'box', tags })]);
  await assert.rejects(
    remote.pull('box:2'),
    /has no tag 2 in box; these exist: v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, …$/,
  );
});
