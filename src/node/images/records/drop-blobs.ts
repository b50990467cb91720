import { closeSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest, DiffId } from '../../../pure/base/digest.ts';
import { isCortenError } from '../../../pure/base/errors.ts';
import { inWriteTransaction } from '../../../pure/store/database.ts';
import { contentsOf } from '../../../pure/store/contents-of.ts';
import { dropContent, findRecord, putRecord } from '../../../pure/store/layer-records.ts';
import { layersOf, type LayerRecord } from '../../../pure/store/layers-of.ts';
import { blobFile, LAYERS_FOLDER } from '../../../pure/store/layout.ts';
import { requireImage } from '../../../pure/store/find-image.ts';
import { DigestStream } from '../archive/digest-stream.ts';
import type { SpooledFile } from '../archive/spooled-file.ts';
import type { Working } from '../disk/in-session.ts';
import { syncFolder } from '../disk/store-files.ts';
import { readLayer } from '../layers/layer-stream.ts';
import { parseImageManifest } from '../manifest/media-types.ts';
import { rebuildTar } from './rebuild-tar.ts';
import { RecordWriter } from './record-writer.ts';

/**
 * Gives up the blobs of an image's layers: the tar of each can be made again from its EROFS file and a record of the
 * rest. One whose tar would come out otherwise keeps its blob.
 */
export async function dropBlobs(working: Working, id: Digest): Promise<void> {
  const { db, root } = working.store;
  const record = requireImage(db, id);
  const contents = contentsOf(db, id);
  const manifest = contents.get(record.manifestDigest);
  if (manifest === undefined) return;
  const { layers: blobs } = parseImageManifest({ ...manifest, path: join(root, blobFile(manifest.digest)) });
  const layers = layersOf(db, id);
  for (const [index, { digest, size }] of blobs.entries()) {
    const layer = layers[index];
    const path = join(root, blobFile(digest));
    if (layer === undefined || statSync(path, { throwIfNoEntry: false }) === undefined) continue;
    const isRecorded =
      findRecord(db, layer.file) !== undefined || (await makeRecord(working, { path, digest, size }, layer));
    if (isRecorded) inWriteTransaction(db, () => dropContent(db, id, digest));
  }
}

/** False where the tar can't be made from what the layer has. */
async function makeRecord(
  { store, session }: Working,
  blob: SpooledFile,
  layer: LayerRecord,
): Promise<boolean> {
  const { path, fd } = session.createFile();
  try {
    const writer = new RecordWriter(fd);
    await readLayer({ blob, diffId: layer.diffId }, (bytes) => writer.push(bytes));
    writer.finish();
  } finally {
    closeSync(fd);
  }
  if (!(await givesTar(path, join(store.root, layer.file), layer.diffId))) {
    rmSync(path);
    return false;
  }
  await session.sealer.finish([path]);
  const file = layer.file.replace(/\.erofs$/, '.tar-record');
  const { size } = statSync(path);
  inWriteTransaction(store.db, () => putRecord(store.db, { layer: layer.file, file, size }));
  renameSync(path, join(store.root, file));
  syncFolder(join(store.root, LAYERS_FOLDER));
  return true;
}

async function givesTar(record: string, layer: string, diffId: DiffId): Promise<boolean> {
  const sum = new DigestStream();
  try {
    for await (const piece of rebuildTar({ record, layer })) sum.update(piece);
  } catch (error) {
    // As where a file of the tar is none of the layer, since a later entry took its place.
    if (isCortenError(error)) return false;
    throw error;
  }
  return sum.digest() === diffId;
}
