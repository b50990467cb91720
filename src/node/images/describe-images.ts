import type { FoundImage } from '../../pure/config/registry-query.ts';
import type { Descriptor, Platform } from '../../pure/spec/image.ts';
import { parseImageConfig } from '../../pure/store/image-config.ts';
import type { ManifestName } from '../registry/get-manifest.ts';
import type { Registry } from '../registry/registry.ts';
import { fetchConfig } from './pull/fetch-config.ts';
import { isAttestation } from './manifest/choose-platform.ts';
import { INDEX_TYPES, MANIFEST_TYPES, unsupported } from './manifest/media-types.ts';
import { parseIndexText, parseManifestText } from './manifest/parse-manifest.ts';
import { typeOfManifest } from './pull/manifest-type.ts';

/** The images behind a name of a registry: those of an index, or the one that it is. */
export async function describeImages(registry: Registry, name: ManifestName): Promise<readonly FoundImage[]> {
  const manifest = await registry.getManifest(name);
  const text = new TextDecoder().decode(manifest.bytes);
  const mediaType = typeOfManifest(manifest);
  if (INDEX_TYPES.has(mediaType)) {
    const entries = parseIndexText(text, `The index ${manifest.digest}`).filter(
      (entry) => !isAttestation(entry),
    );
    return entries.map(({ digest, size, mediaType: type, platform }) => ({
      digest,
      size,
      mediaType: type,
      platform: platform ?? UNKNOWN,
    }));
  }
  if (!MANIFEST_TYPES.has(mediaType))
    throw unsupported('The manifest', { digest: manifest.digest, mediaType });
  const { config } = parseManifestText(text, `The manifest ${manifest.digest}`);
  const platform = await platformOf(registry, config);
  return [{ digest: manifest.digest, size: manifest.bytes.length, mediaType, platform }];
}

const UNKNOWN: Platform = {
  os: 'unknown',
  architecture: 'unknown',
  variant: undefined,
  osVersion: undefined,
};

async function platformOf(registry: Registry, config: Descriptor): Promise<Platform> {
  const { os, architecture, variant } = parseImageConfig(
    new TextDecoder().decode(await fetchConfig(registry, config)),
  );
  return { os, architecture, variant, osVersion: undefined };
}
