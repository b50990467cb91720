import { renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DiffId } from '../../../pure/base/digest.ts';
import type { Descriptor } from '../../../pure/spec/image.ts';
import { inPassingTransaction, inWriteTransaction } from '../../../pure/store/database.ts';
import type { StoredLayer } from '../../../pure/store/layers-of.ts';
import { blobFile, BLOBS_FOLDER, layerFile, LAYERS_FOLDER } from '../../../pure/store/layout.ts';
import { lease, leaseForLater } from '../../../pure/store/leases.ts';
import { announceFiles } from '../../../pure/store/put-image.ts';
import type { SpooledFile } from '../archive/spooled-file.ts';
import type { ReceivedLayer } from '../layers/receive-layer.ts';
import type { LoadSession } from './load-session.ts';
import type { Store } from './open-store.ts';
import { flushFolder } from './store-files.ts';

export interface WholeLayer {
  readonly descriptor: Descriptor;
  readonly diffId: DiffId;
  readonly received: ReceivedLayer;
}

/**
 * Puts a layer that came whole into the store before its image is: other processes find it there, and a pull that is
 * ended need not fetch it again. Rows and leases are committed before the files appear.
 */
export async function publishLayer(
  store: Store,
  session: LoadSession,
  { descriptor, diffId, received }: WholeLayer,
): Promise<ReceivedLayer> {
  const { blob, image } = received;
  const layers: StoredLayer[] =
    image === undefined ? [] : [{ file: layerFile(diffId), size: image.size, digest: image.digest }];
  const items = [descriptor.digest, ...layers.map(({ file }) => file)];
  await session.sealer.finish([blob.path, ...(image === undefined ? [] : [image.path])]);
  inWriteTransaction(store.db, () => {
    announceFiles(store.db, { blobs: [descriptor], layers });
    for (const item of items) lease(store.db, session.name, item);
  });
  const path = place(store, blob.path, { file: blobFile(descriptor.digest), size: blob.size });
  const [layer] = layers;
  const made = layer === undefined || image === undefined ? undefined : place(store, image.path, layer);
  await Promise.all([BLOBS_FOLDER, LAYERS_FOLDER].map((folder) => flushFolder(join(store.root, folder))));
  // Only what is in place outlives this process: rows without files go with its own lease.
  inWriteTransaction(store.db, () => {
    for (const item of items) leaseForLater(store.db, session.name, item);
  });
  const moved = { ...received, blob: { ...blob, path } };
  return image === undefined || made === undefined ? moved : { ...moved, image: { ...image, path: made } };
}

/** One of the same name and size is the same content, and may be mounted. */
function place(
  store: Store,
  from: string,
  { file, size }: { readonly file: string; readonly size: number },
): string {
  const target = join(store.root, file);
  if (statSync(target, { throwIfNoEntry: false })?.size === size) rmSync(from);
  else renameSync(from, target);
  return target;
}

/** A blob that the store has already, kept from collections until the session ends. */
export function leaseBlob(
  { db, root }: Store,
  session: LoadSession,
  { digest, size }: Descriptor,
): SpooledFile | undefined {
  const isKnown = inPassingTransaction(db, () => {
    const rows = db.query('SELECT 1 FROM contents WHERE digest = ? AND size = ?', [digest, size]);
    if (rows.length > 0) lease(db, session.name, digest);
    return rows.length > 0;
  });
  const path = join(root, blobFile(digest));
  const isThere = isKnown && statSync(path, { throwIfNoEntry: false })?.size === size;
  return isThere ? { path, digest, size } : undefined;
}
