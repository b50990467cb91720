import { MEDIA_TYPE_DOCKER_LIST, MEDIA_TYPE_DOCKER_MANIFEST, MEDIA_TYPE_INDEX } from '../spec/image.ts';
import { formatJson } from '../base/json.ts';
import type { ListedImage, ManifestList } from './manifest-lists.ts';

export interface FormattedList {
  readonly mediaType: string;
  readonly text: string;
}

/** A list as registries take it: OCI's index, or Docker's where every image is of Docker's own types. */
export function formatList({ images }: ManifestList): FormattedList {
  const isDocker =
    images.length > 0 && images.every(({ mediaType }) => mediaType === MEDIA_TYPE_DOCKER_MANIFEST);
  const mediaType = isDocker ? MEDIA_TYPE_DOCKER_LIST : MEDIA_TYPE_INDEX;
  const manifests = images.map(entryOf);
  return { mediaType, text: formatJson({ schemaVersion: 2, mediaType, manifests }, 2) };
}

function entryOf({ mediaType, digest, size, platform, osFeatures, annotations }: ListedImage): object {
  const { os, architecture, variant, osVersion } = platform;
  return {
    mediaType,
    digest,
    size,
    platform: {
      architecture,
      os,
      ...(variant === undefined ? {} : { variant }),
      ...(osVersion === undefined ? {} : { 'os.version': osVersion }),
      ...(osFeatures.length === 0 ? {} : { 'os.features': osFeatures }),
    },
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
}
