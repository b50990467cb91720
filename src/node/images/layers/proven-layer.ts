import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest, DiffId } from '../../../pure/base/digest.ts';
import { isCortenError } from '../../../pure/base/errors.ts';
import type { Descriptor } from '../../../pure/spec/image.ts';
import { contentsOf } from '../../../pure/store/contents-of.ts';
import { textOf } from '../../../pure/store/database.ts';
import { layersOf } from '../../../pure/store/layers-of.ts';
import { blobFile } from '../../../pure/store/layout.ts';
import type { SpooledFile } from '../archive/spooled-file.ts';
import type { Store } from '../disk/open-store.ts';
import { parseImageManifest } from '../manifest/media-types.ts';

const IMAGES = `SELECT i.id, i.manifest_digest FROM image_contents c JOIN images i ON i.id = c.image_id
  WHERE c.digest = ? AND EXISTS (SELECT 1 FROM image_layers l WHERE l.image_id = i.id AND l.diff_id = ?)`;

/**
 * Bytes of the tar that a blob is, if an image of the store has the blob as the layer of that DiffID: it was inflated
 * and compared when that image came. undefined where nobody knows.
 */
export function provenTarSize({ db, root }: Store, blob: Digest, diffId: DiffId): number | undefined {
  for (const row of db.query(IMAGES, [blob, diffId])) {
    const [id, digest] = [textOf(row[0]) as Digest, textOf(row[1]) as Digest];
    const manifest = contentsOf(db, id).get(digest);
    const blobs = manifest === undefined ? [] : blobsOf({ ...manifest, path: join(root, blobFile(digest)) });
    const found = layersOf(db, id).find(
      (layer, index) => layer.diffId === diffId && blobs[index]?.digest === blob,
    );
    if (found !== undefined) return found.size;
  }
  return undefined;
}

/** None if the manifest is lost or damaged, which is the matter of `system check`. */
function blobsOf(manifest: SpooledFile): readonly Descriptor[] {
  if (statSync(manifest.path, { throwIfNoEntry: false })?.size !== manifest.size) return [];
  try {
    return parseImageManifest(manifest).layers;
  } catch (error) {
    if (isCortenError(error)) return [];
    throw error;
  }
}
