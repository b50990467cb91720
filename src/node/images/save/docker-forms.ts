import { digestHex } from '../../../pure/base/digest.ts';
import { formatJson } from '../../../pure/base/json.ts';
import type { DockerArchiveImage } from '../../../pure/spec/image.ts';
import { BLOBS_FOLDER } from '../../../pure/store/layout.ts';
import { shortReference } from '../../../pure/store/reference.ts';
import type { SavedImage } from './oci-form.ts';
import { putText, type SaveOutput } from './output.ts';

/** containers/image directory/directory_dest.go */
const DIRECTORY_VERSION = 'Directory Transport Version: 1.1\n';

/**
 * The manifest.json of `docker save`, over the blobs of a layout as Docker writes it since 25: older ones and podman
 * read this file, newer ones the layout beside it.
 */
export async function putDockerManifest(output: SaveOutput, images: readonly SavedImage[]): Promise<void> {
  const list = images.map(({ image, names }): DockerArchiveImage => ({
    Config: `${BLOBS_FOLDER}/${digestHex(image.config.digest)}`,
    RepoTags: names.map(shortReference),
    Layers: image.layers.map(({ digest }) => `${BLOBS_FOLDER}/${digestHex(digest)}`),
  }));
  await putText(output, 'manifest.json', formatJson(list));
}

/** The `dir:` form of skopeo and podman: one image, its blobs by digest beside its manifest. */
export async function putDirectory(output: SaveOutput, { image }: SavedImage): Promise<void> {
  await putText(output, 'version', DIRECTORY_VERSION);
  for (const blob of [...image.layers, image.config]) {
    await output.file(digestHex(blob.digest), blob.size, blob.read());
  }
  await output.file('manifest.json', image.manifest.size, image.manifest.read());
}
