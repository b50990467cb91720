import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ChainId, DiffId, Digest } from '../../../pure/base/digest.ts';
import { collectGarbage } from '../../../pure/store/collect-garbage.ts';
import type { Database } from '../../../pure/store/database.ts';
import { findImage } from '../../../pure/store/find-image.ts';
import { digestOf } from '../testing/image-builder.ts';
import { TempStore } from '../testing/temp-store.ts';
import { commitImages, type Commit } from './commit-images.ts';
import { openStore, repairStore, type Store } from './open-store.ts';

/** A commit of one image, its files in the folder beside the store. */
function stage(temp: TempStore, text: string): Commit {
  const file = (name: string) => {
    const path = join(temp.folder, `${text}-${name}`);
    const data = Buffer.from(`${text}-${name}`);
    writeFileSync(path, data);
    return { path, size: data.length, digest: digestOf(data) as Digest };
  };
  const [manifest, config, layer] = [file('manifest'), file('config'), file('layer')];
  const layerFile = `layers/${layer.digest.slice(7)}.erofs`;
  return {
    blobs: [manifest, config].map((blob) => ({ ...blob, mediaType: 'x' })),
    layers: [{ ...layer, file: layerFile }],
    images: [
      {
        manifestDigest: manifest.digest,
        configDigest: config.digest,
        config: '{}',
        created: undefined,
        layers: [
          {
            diffId: layer.digest as DiffId,
            chainId: layer.digest as Digest as ChainId,
            file: layerFile,
            size: 1,
          },
        ],
        contents: [manifest.digest, config.digest],
        references: [`docker.io/library/${text}:1`],
      },
    ],
  };
}

/** The store, with `before` called ahead of each statement. */
function watched(store: Store, before: (sql: string) => void): Store {
  const db: Database = {
    query: (sql, params) => {
      before(sql);
      return store.db.query(sql, params);
    },
  };
  return { ...store, db };
}

test('commitImages() that fails at any statement leaves nothing that repairStore() does not remove', () => {
  using temp = new TempStore();
  using store = openStore(temp.root);
  commitImages(store, stage(temp, 'first'));
  const before = temp.state();
  let failed = true;
  let statements = 0;
  for (let n = 1; failed; n++) {
    failed = false;
    let count = 0;
    const failing = watched(store, () => {
      if (++count !== n) return;
      failed = true;
      throw new RangeError('no');
    });
    const commit = stage(temp, 'second');
    if (n < 100) statements = n;
    try {
      commitImages(failing, commit);
    } catch (error) {
      assert.ok(error instanceof RangeError);
      repairStore(store);
      assert.deepEqual(temp.state(), before, `statement ${n}`);
    }
  }
  assert.ok(statements > 15);
  assert.ok(findImage(store.db, 'second:1'));
});

test('commitImages() announces its files again when a collection came between', () => {
  using temp = new TempStore();
  using store = openStore(temp.root);
  let commits = 0;
  const disturbed = watched(store, (sql) => {
    if (sql === 'BEGIN IMMEDIATE' && ++commits === 2) collectGarbage(store.db, store.files);
  });
  commitImages(disturbed, stage(temp, 'a'));
  assert.equal(commits, 4);
  assert.ok(findImage(store.db, 'a:1'));
  assert.deepEqual(collectGarbage(store.db, store.files), []);
});

test('commitImages() refuses to count on a layer that went meanwhile', () => {
  using temp = new TempStore();
  using store = openStore(temp.root);
  const commit = stage(temp, 'a');
  const gone = { ...commit, layers: commit.layers.map((layer) => ({ ...layer, path: undefined })) };
  assert.throws(() => commitImages(store, gone), { code: 'STORE_CHANGED' });
  assert.equal(findImage(store.db, 'a:1'), undefined);
});

test('commitImages() replaces a layer file of another size and leaves one of the same', () => {
  using temp = new TempStore();
  using store = openStore(temp.root);
  const { layers } = stage(temp, 'a');
  const file = join(temp.root, layers[0]?.file ?? '');
  writeFileSync(file, 'half');
  commitImages(store, stage(temp, 'a'));
  const sizes = () => temp.state().filter((line) => line.startsWith('layers/') && line.includes('.erofs'));
  const [whole] = sizes();
  assert.match(whole ?? '', / 7 /);
  commitImages(store, stage(temp, 'a'));
  assert.deepEqual(sizes(), [whole]);
});
