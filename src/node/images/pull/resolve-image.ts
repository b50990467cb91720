import type { Digest } from '../../../pure/base/digest.ts';
import type { Descriptor } from '../../../pure/spec/image.ts';
import type { ManifestName, RemoteManifest } from '../../registry/get-manifest.ts';
import type { Registry } from '../../registry/registry.ts';
import { spoolBytes } from '../archive/spool-text.ts';
import type { LoadSession } from '../disk/load-session.ts';
import { imagesError } from '../errors.ts';
import type { TypedFile } from '../manifest/archive-image.ts';
import { requirePlatform, type WantedPlatform } from '../manifest/choose-platform.ts';
import { INDEX_TYPES, MANIFEST_TYPES, unsupported } from '../manifest/media-types.ts';
import { parseIndex } from '../manifest/parse-manifest.ts';
import { typeOfManifest } from './manifest-type.ts';

export interface ResolvedManifest {
  readonly manifest: TypedFile;
  /** What the name itself stands for: the manifest, or the index that lists it. */
  readonly top: Digest;
}

const MAX_NESTING = 4;
/** Finds the manifest that a name means on this platform. */
export async function resolveManifest(
  registry: Registry,
  session: LoadSession,
  { name, platform }: { readonly name: ManifestName; readonly platform: WantedPlatform },
): Promise<ResolvedManifest> {
  const first = await registry.getManifest(name);
  let manifest = typedFile(session, first);
  for (let depth = 0; INDEX_TYPES.has(manifest.mediaType); depth++) {
    if (depth === MAX_NESTING)
      throw imagesError('ARCHIVE_INVALID', `Indexes nest deeper than ${MAX_NESTING}`);
    const where = `The index ${manifest.file.digest}`;
    const entry = requirePlatform(parseIndex(manifest.file, where), platform, where);
    manifest = checked(typedFile(session, await registry.getManifest({ digest: entry.digest })), entry);
  }
  if (MANIFEST_TYPES.has(manifest.mediaType)) return { manifest, top: first.digest };
  throw unsupported('The manifest', { digest: manifest.file.digest, mediaType: manifest.mediaType });
}

function typedFile(session: LoadSession, manifest: RemoteManifest): TypedFile {
  return { file: spoolBytes(session, manifest.bytes), mediaType: typeOfManifest(manifest) };
}

function checked(found: TypedFile, entry: Descriptor): TypedFile {
  if (found.file.size === entry.size && found.mediaType === entry.mediaType) return found;
  const text = `The manifest ${entry.digest} is not of the size and media type that its index says`;
  throw imagesError('ARCHIVE_DIGEST_MISMATCH', text);
}
