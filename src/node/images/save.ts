import type { Writable } from 'node:stream';
import type { Digest } from '../../pure/base/digest.ts';
import type { SaveRequest } from '../../pure/config/save-request.ts';
import { formatReference, referencesMeant } from '../../pure/store/reference.ts';
import { requireImage } from '../../pure/store/find-image.ts';
import { namesOf } from '../../pure/store/names-of.ts';
import { openStore, type Store } from './disk/open-store.ts';
import { imagesError } from './errors.ts';
import { putDirectory, putDockerManifest } from './save/docker-forms.ts';
import { FolderOutput } from './save/folder-output.ts';
import {
  dockerEntries,
  layoutEntries,
  olderEntries,
  putBlobs,
  putLayout,
  type SavedImage,
} from './save/oci-form.ts';
import { portableImage, uncompressed } from './save/portable-image.ts';
import { TarOutput } from './save/tar-output.ts';

export interface SaveOptions extends SaveRequest {
  /** The store's root, absolute. */
  readonly root: string;
  /** Where an archive goes. */
  readonly stream: Writable;
  readonly signal: AbortSignal;
}

/**
 * Writes images as others read them, with the blobs that they came with: every digest stays, unless layers are asked
 * for uncompressed or their blobs are not kept. Returns those that got another manifest. A directory that fails keeps nothing of it.
 */
export async function saveImages(options: SaveOptions): Promise<SavedImages> {
  using store = openStore(options.root);
  const images = collect(store, options);
  const { form, directory, stream, signal, name } = options;
  if (form === 'docker-archive' || form === 'oci-archive') {
    const output = new TarOutput(stream);
    await putBlobs(output, images);
    if (form === 'docker-archive') await putDockerManifest(output, images);
    await putLayout(output, form === 'docker-archive' ? dockerEntries(images) : layoutEntries(images, name));
    await output.finish();
    return resultOf(images);
  }
  if (directory === undefined) throw imagesError('STORE_OUTPUT_FAILED', `The form ${form} needs a directory`);
  using output = new FolderOutput(directory);
  signal.addEventListener('abort', () => output[Symbol.dispose]());
  if (form === 'docker-dir') await putDirectory(output, onlyOne(images));
  else {
    const older = olderEntries(directory);
    await putBlobs(output, images);
    await putLayout(output, layoutEntries(images, name), older);
  }
  output.keep();
  return resultOf(images);
}

/** An image whose manifest is another than in the store. */
export interface Rewritten {
  readonly name: string;
  readonly before: Digest;
  readonly after: Digest;
}

export interface SavedImages {
  readonly saved: readonly { readonly id: Digest; readonly name: string }[];
  readonly rewritten: readonly Rewritten[];
}

function resultOf(images: readonly SavedImage[]): SavedImages {
  const saved = images.map(({ image, names }) => ({
    id: image.record.id,
    name: names[0] ?? image.record.id,
  }));
  return { saved, rewritten: rewritten(images) };
}

function rewritten(images: readonly SavedImage[]): readonly Rewritten[] {
  return images.flatMap(({ image, names: [name = image.record.id] }) => {
    const [before, after] = [image.record.manifestDigest, image.manifest.digest];
    return before === after ? [] : [{ name, before, after }];
  });
}

/** Each image once, with those of its names that were asked for. */
function collect(store: Store, options: SaveOptions): readonly SavedImage[] {
  const found = new Map<string, SavedImage>();
  for (const text of options.images) {
    const image = portableImage(store, requireImage(store.db, text), text);
    const { id } = image.record;
    const before = found.get(id);
    const names = new Set([...(before?.names ?? []), ...namesMeant(store, id, text)]);
    const whole = options.isUncompressed ? uncompressed(store, image) : image;
    found.set(id, { image: before?.image ?? whole, names: [...names] });
  }
  if (options.name !== undefined && found.size > 1) {
    const text = `One name within a layout, ${options.name}, can't be that of ${found.size} images`;
    throw imagesError('STORE_OUTPUT_FAILED', text);
  }
  return [...found.values()];
}

/** The name by which an image was asked for; none if that was its ID. */
function namesMeant(store: Store, id: string, text: string): readonly string[] {
  const known = new Set(namesOf(store.db, id));
  if (text.startsWith('sha256:') || /^[0-9a-f]{64}$/.test(text)) return [];
  const meant = referencesMeant(text).map(formatReference);
  return meant.filter((name) => known.has(name)).slice(0, 1);
}

function onlyOne(images: readonly SavedImage[]): SavedImage {
  const [image, second] = images;
  if (image !== undefined && second === undefined) return image;
  throw imagesError('STORE_OUTPUT_FAILED', `A directory of this form takes one image, not ${images.length}`);
}
