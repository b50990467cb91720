/**
 * Where things lie in a store, relative to its root: an OCI image layout (image-spec image-layout.md), so that
 * skopeo and umoci read it as it is, with one EROFS file a layer beside the blobs and a database that says what
 * belongs to what.
 */
import { digestHex, type ChainId, type DiffId, type Digest } from '../base/digest.ts';
import { formatJson } from '../base/json.ts';
import { IMAGE_LAYOUT_VERSION } from '../spec/image.ts';

/** The root of the store unless configuration names another; mode 0700. */
export const DEFAULT_STORE = '/var/lib/corten';

export const DATABASE_FILE = 'images.db';
export const INDEX_FILE = 'index.json';
export const OCI_LAYOUT_FILE = 'oci-layout';
export const BLOBS_FOLDER = 'blobs/sha256';
export const LAYERS_FOLDER = 'layers';
/** One folder a running loader; what a dead one left is removed by the next. */
export const TMP_FOLDER = 'tmp';

export const OCI_LAYOUT_TEXT = formatJson({ imageLayoutVersion: IMAGE_LAYOUT_VERSION });

export function blobFile(digest: Digest): string {
  return `${BLOBS_FOLDER}/${digestHex(digest)}`;
}

/**
 * The DiffID names a layer that stands alone, the ChainID one whose conversion needed the layers below it. A bottom
 * layer that would need them, had it any, gets a key of its own kind, since its ChainID is its DiffID.
 */
export function layerFile(key: DiffId | ChainId): string {
  return `${LAYERS_FOLDER}/${digestHex(key)}.erofs`;
}
