import { MEDIA_TYPE_INDEX, MEDIA_TYPE_MANIFEST } from '../../../pure/spec/image.ts';
import type { RemoteManifest } from '../../registry/get-manifest.ts';
import { imagesError } from '../errors.ts';
import { fieldsOf, parseText } from '../manifest/parse-json.ts';

/** What servers say that know nothing of a file. */
const UNKNOWN_TYPES: ReadonlySet<string> = new Set([
  '',
  'application/json',
  'application/octet-stream',
  'text/plain',
]);

/**
 * A manifest's media type. What the registry says and what the document says have to agree, and none may be both an
 * index and an image: whoever checks one reading must not be given the other (CVE-2021-41190).
 */
export function typeOfManifest({ bytes, digest, mediaType }: RemoteManifest): string {
  const name = `The manifest ${digest}`;
  const fields = fieldsOf(parseText(textOf(bytes, name), name), name);
  const own = fields.string('mediaType');
  const isList = fields.has('manifests');
  if (isList && (fields.has('layers') || fields.has('config'))) {
    throw imagesError('ARCHIVE_INVALID', `${name} is an index and an image's manifest at once`);
  }
  const told = UNKNOWN_TYPES.has(mediaType) ? undefined : mediaType;
  if (own !== undefined && told !== undefined && own !== told) {
    const text = `${name} came as ${JSON.stringify(told.slice(0, 200))}, but calls itself ${JSON.stringify(own.slice(0, 200))}`;
    throw imagesError('ARCHIVE_INVALID', text);
  }
  return told ?? own ?? (isList ? MEDIA_TYPE_INDEX : MEDIA_TYPE_MANIFEST);
}

function textOf(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw imagesError('ARCHIVE_INVALID', `${name} is not UTF-8`, { cause: error });
  }
}
