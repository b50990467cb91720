import { ABSENT } from '../archive/spooled-file.ts';
import type { NewImage } from '../../../pure/store/put-image.ts';
import type { Commit, StagedBlob, StagedLayer } from '../disk/commit-images.ts';
import { filesOf, type TypedFile } from '../manifest/archive-image.ts';
import type { BuiltImage } from './build-images.ts';

/** All that the images bring into the store, each file once. */
export function toCommit(images: readonly BuiltImage[]): Commit {
  const blobs = new Map<string, StagedBlob>();
  const layers = new Map<string, StagedLayer>();
  for (const image of images) {
    for (const blob of keptFiles(image)) blobs.set(blob.file.digest, toBlob(blob));
    for (const { file, size, digest, path } of image.layers) layers.set(file, { file, size, digest, path });
  }
  return { images: images.map(toNewImage), blobs: [...blobs.values()], layers: [...layers.values()] };
}

/** Blobs without those that the image can do without. */
function keptFiles({ source }: BuiltImage): readonly TypedFile[] {
  return filesOf(source).filter(({ file }) => file.path !== ABSENT);
}

function toBlob({ file, mediaType }: TypedFile): StagedBlob {
  return { ...file, mediaType };
}

function toNewImage(image: BuiltImage): NewImage {
  const { source, config, configText } = image;
  return {
    manifestDigest: source.manifest.file.digest,
    configDigest: source.config.file.digest,
    config: configText,
    created: config.created,
    layers: image.layers.map((layer) => ({ ...layer, size: layer.tarSize })),
    contents: keptFiles(image).map(({ file }) => file.digest),
    references: source.references,
  };
}
