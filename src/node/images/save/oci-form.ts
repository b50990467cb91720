import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestHex } from '../../../pure/base/digest.ts';
import { formatJson, parseJson, type Json, type JsonObject } from '../../../pure/base/json.ts';
import { ANNOTATION_IMAGE_NAME, ANNOTATION_REF_NAME, MEDIA_TYPE_INDEX } from '../../../pure/spec/image.ts';
import { BLOBS_FOLDER, INDEX_FILE, OCI_LAYOUT_FILE, OCI_LAYOUT_TEXT } from '../../../pure/store/layout.ts';
import { parseReference } from '../../../pure/store/reference.ts';
import { codeOf, imagesError } from '../errors.ts';
import { putText, type SaveOutput } from './output.ts';
import { descriptorOf, type PortableImage } from './portable-image.ts';

export interface SavedImage {
  readonly image: PortableImage;
  /** Full names. */
  readonly names: readonly string[];
}

/** The blobs of images, each once, in a layout's folder. */
export async function putBlobs(output: SaveOutput, images: readonly SavedImage[]): Promise<void> {
  await output.folder('blobs');
  await output.folder(BLOBS_FOLDER);
  const seen = new Set<string>();
  for (const { image } of images) {
    for (const blob of [...image.layers, image.config, image.manifest]) {
      if (seen.has(blob.digest)) continue;
      seen.add(blob.digest);
      await output.file(`${BLOBS_FOLDER}/${digestHex(blob.digest)}`, blob.size, blob.read());
    }
  }
}

/** Docker and containerd read the full name from an annotation of their own; others know `ref.name` alone. */
export function dockerEntries(images: readonly SavedImage[]): readonly JsonObject[] {
  return images.flatMap(({ image, names }) => {
    const named = names.map((name) => ({
      [ANNOTATION_IMAGE_NAME]: name,
      [ANNOTATION_REF_NAME]: parseReference(name).tag ?? name,
    }));
    return entriesOf(image, named);
  });
}

/** As skopeo and podman name images of a layout: by one word, or the full name. */
export function layoutEntries(images: readonly SavedImage[], word?: string): readonly JsonObject[] {
  return images.flatMap(({ image, names }) => {
    const words = word === undefined ? names : [word];
    return entriesOf(
      image,
      words.map((name) => ({ [ANNOTATION_REF_NAME]: name })),
    );
  });
}

function entriesOf(image: PortableImage, annotations: readonly JsonObject[]): readonly JsonObject[] {
  const descriptor = { ...descriptorOf(image.manifest) };
  if (annotations.length === 0) return [descriptor];
  return annotations.map((own) => ({ ...descriptor, annotations: own }));
}

/** The two files that make blobs a layout, with what an older index.json lists besides. */
export async function putLayout(
  output: SaveOutput,
  entries: readonly JsonObject[],
  older: readonly JsonObject[] = [],
): Promise<void> {
  const names = new Set(entries.map(nameOf));
  const digests = new Set(entries.map(({ digest }) => digest));
  const others = older.filter((entry) => {
    const name = nameOf(entry);
    return name === undefined ? !digests.has(entry['digest']) : !names.has(name);
  });
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPE_INDEX, manifests: [...others, ...entries] };
  await putText(output, OCI_LAYOUT_FILE, OCI_LAYOUT_TEXT);
  await putText(output, INDEX_FILE, formatJson(index));
}

/** What the layout in a directory has already; none if there is no layout. */
export function olderEntries(directory: string): readonly JsonObject[] {
  const path = join(directory, INDEX_FILE);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
  try {
    const index = parseJson(text);
    const manifests = isObject(index) ? index['manifests'] : undefined;
    if (Array.isArray(manifests)) return (manifests as readonly Json[]).filter(isObject);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw imagesError('STORE_OUTPUT_FAILED', `The file ${path} is no index of an OCI layout: save elsewhere`);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameOf(entry: JsonObject): Json | undefined {
  const annotations = entry['annotations'];
  return isObject(annotations) ? annotations[ANNOTATION_REF_NAME] : undefined;
}
