import { digestHex } from '../../../pure/base/digest.ts';
import type { Descriptor } from '../../../pure/spec/image.ts';
import { BLOBS_FOLDER, INDEX_FILE } from '../../../pure/store/layout.ts';
import type { Archive } from '../archive/archive.ts';
import { INDEX_TYPES, MANIFEST_TYPES } from './media-types.ts';
import { layoutName } from './layout-name.ts';
import { parseIndex, parseManifest } from './parse-manifest.ts';

/** The files that an OCI layout's images need, as far as its documents have been read; of one image if it is named. */
export function layoutNeeds(archive: Archive, name: string | undefined): readonly string[] {
  const index = archive.files.get(INDEX_FILE);
  if (index === undefined) return [];
  const entries = parseIndex(index, `The file ${INDEX_FILE}`);
  const wanted: Descriptor[] = entries.filter((entry) => name === undefined || layoutName(entry, name));
  const files: string[] = [];
  // Grows while it is gone through; a layout's own limits end it.
  for (const { digest, mediaType } of wanted) {
    const file = `${BLOBS_FOLDER}/${digestHex(digest)}`;
    if (files.includes(file)) continue;
    files.push(file);
    const spooled = archive.files.get(file);
    if (spooled === undefined) continue;
    if (INDEX_TYPES.has(mediaType)) wanted.push(...parseIndex(spooled, `The index ${digest}`));
    if (!MANIFEST_TYPES.has(mediaType)) continue;
    const { config, layers } = parseManifest(spooled, `The manifest ${digest}`);
    wanted.push(config, ...layers);
  }
  return files;
}
