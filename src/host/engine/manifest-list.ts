import { formatReference, parseReference } from '../../pure/store/reference.ts';
import { contentsOf } from '../../pure/store/contents-of.ts';
import { findImage } from '../../pure/store/find-image.ts';
import { parseImageConfig } from '../../pure/store/image-config.ts';
import {
  findManifestList,
  putManifestList,
  removeManifestList,
  requireManifestList,
  type ListedImage,
  type ManifestList,
} from '../../pure/store/manifest-lists.ts';
import { storeError } from '../../pure/store/errors.ts';
import { inWriteTransaction, type Database } from '../../pure/store/database.ts';
import type { FoundImage } from '../../pure/config/registry-query.ts';
import { PLATFORM } from '../kernel/numbers.ts';
import { askRegistry, manifestWord, remoteName } from './ask-registry.ts';
import { engineError } from './errors.ts';
import { readingImages, writingImages } from './images/host-database.ts';
import type { Roots } from './roots.ts';

/** What a user says of an image in a list. */
export interface ListedWords {
  readonly os: string | undefined;
  readonly architecture: string | undefined;
  readonly variant: string | undefined;
  readonly osVersion: string | undefined;
  readonly osFeatures: readonly string[];
  /** `KEY=VALUE` each. */
  readonly annotations: readonly string[];
}

export const NO_WORDS: ListedWords = {
  os: undefined,
  architecture: undefined,
  variant: undefined,
  osVersion: undefined,
  osFeatures: [],
  annotations: [],
};

/** Begins an empty list; one that is there already only if `isAmended`. */
export function createManifestList(roots: Roots, text: string, isAmended: boolean): string {
  const name = listName(text);
  editing(roots, (db) => {
    const before = findManifestList(db, name);
    if (before !== undefined && !isAmended) {
      throw storeError('IMAGE_LIST_EXISTS', `The list ${name} is there already: --amend adds to it`);
    }
    if (before === undefined) putManifestList(db, { name, images: [] });
  });
  return name;
}

export interface Adding {
  readonly list: string;
  readonly image: string;
  /** Of an image for several platforms all, instead of this machine's. */
  readonly isAll: boolean;
  readonly words: ListedWords;
}

/** Puts an image of the store, or else of a registry, into a list. False where the registry gave none, which was told. */
export function addToManifestList(roots: Roots, { list, image, isAll, words }: Adding): boolean {
  const name = listName(list);
  readingImages(roots, undefined, (db) => requireManifestList(db, name));
  const own = readingImages(roots, undefined, (db) => storedImage(db, image));
  const found = own === undefined ? remoteImages(roots, image, isAll) : [own];
  if (found === undefined) return false;
  const added = found.map((one) => annotated(one, words));
  editing(roots, (db) => {
    const before = requireManifestList(db, name);
    const digests = new Set(added.map(({ digest }) => digest));
    const others = before.images.filter(({ digest }) => !digests.has(digest));
    putManifestList(db, { name, images: [...others, ...added] });
  });
  return true;
}

function storedImage(db: Database, text: string): ListedImage | undefined {
  if (text.startsWith('docker://')) return undefined;
  const record = findImage(db, text.replace(/^containers-storage:/, ''));
  if (record === undefined) return undefined;
  const manifest = contentsOf(db, record.id).get(record.manifestDigest);
  if (manifest === undefined) return undefined;
  const { os, architecture, variant } = parseImageConfig(record.config);
  const platform = { os, architecture, variant, osVersion: undefined };
  return { ...manifest, platform, osFeatures: [], annotations: {}, source: { image: record.id } };
}

function remoteImages(roots: Roots, text: string, isAll: boolean): readonly ListedImage[] | undefined {
  const name = remoteName(text.replace(/^docker:\/\//, ''));
  const images = askRegistry(roots, name, { kind: 'images', of: manifestWord(name) });
  if (images === undefined) return undefined;
  const { domain, path } = name;
  return chosen(images, text, isAll).map((image) => ({
    ...image,
    osFeatures: [],
    annotations: {},
    source: { reference: `${domain}/${path}@${image.digest}` },
  }));
}

function chosen(images: readonly FoundImage[], text: string, isAll: boolean): readonly FoundImage[] {
  const [first, second] = images;
  if (isAll || first === undefined || second === undefined) return images;
  const own = images.filter(({ platform }) => platform.os === 'linux' && platform.architecture === PLATFORM);
  if (own.length > 0) return own.slice(0, 1);
  throw engineError(
    'ENGINE_IMAGE_FOREIGN',
    `The image ${text} is for no linux/${PLATFORM}: --all adds all that it has`,
  );
}

/** Changes what a list says of an image, which is given by its digest or the name that it was added by. */
export function annotateManifestList(roots: Roots, { list, image, words }: Omit<Adding, 'isAll'>): void {
  const name = listName(list);
  editing(roots, (db) => {
    const before = requireManifestList(db, name);
    const wanted = entryOf(before, image);
    const images = before.images.map((one) => (one === wanted ? annotated(one, words) : one));
    putManifestList(db, { name, images });
  });
}

export function removeFromManifestList(roots: Roots, list: string, image: string): void {
  const name = listName(list);
  editing(roots, (db) => {
    const before = requireManifestList(db, name);
    const wanted = entryOf(before, image);
    putManifestList(db, { name, images: before.images.filter((one) => one !== wanted) });
  });
}

export function forgetManifestList(roots: Roots, list: string): void {
  editing(roots, (db) => removeManifestList(db, listName(list)));
}

/** undefined where there is no such list. */
export function manifestList(roots: Roots, list: string): ManifestList | undefined {
  return readingImages(roots, undefined, (db) => findManifestList(db, listName(list)));
}

function listName(text: string): string {
  const reference = parseReference(text);
  if (reference.digest === undefined) return formatReference(reference);
  throw storeError('REFERENCE_INVALID', `A list has a tag, not a digest as ${JSON.stringify(text)} has it`);
}

function entryOf({ name, images }: ManifestList, text: string): ListedImage {
  const found = images.find(({ digest, source }) => {
    if (digest === text || ('image' in source && source.image === text)) return true;
    return 'reference' in source && source.reference === `${repositoryOf(text)}@${digest}`;
  });
  if (found !== undefined) return found;
  throw storeError(
    'IMAGE_LIST_NOT_FOUND',
    `The list ${name} has no image ${text}: give its digest, which manifest inspect shows`,
  );
}

function repositoryOf(text: string): string {
  if (text.startsWith('sha256:')) return '';
  const { domain, path } = parseReference(text.replace(/^docker:\/\//, ''));
  return `${domain}/${path}`;
}

function annotated(image: ListedImage, words: ListedWords): ListedImage {
  const { platform } = image;
  const pairs = words.annotations.map((text) => {
    const equals = text.indexOf('=');
    if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)] as const;
    throw storeError('IMAGE_LIST_INVALID', `The annotation "${text}" is not of the form KEY=VALUE`);
  });
  return {
    ...image,
    platform: {
      os: words.os ?? platform.os,
      architecture: words.architecture ?? platform.architecture,
      variant: words.variant ?? platform.variant,
      osVersion: words.osVersion ?? platform.osVersion,
    },
    osFeatures: [...new Set([...image.osFeatures, ...words.osFeatures])],
    annotations: { ...image.annotations, ...Object.fromEntries(pairs) },
  };
}

function editing(roots: Roots, work: (db: Database) => void): void {
  const done = writingImages(roots, false, (db) => {
    inWriteTransaction(db, () => work(db));
    return true;
  });
  if (done) return;
  throw storeError('IMAGE_NOT_FOUND', 'The store is empty: pull or load an image first');
}
