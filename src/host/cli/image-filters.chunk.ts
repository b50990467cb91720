import type { ListedImage } from '../../pure/store/list-images.ts';
import { parseReference, formatReference, shortReference } from '../../pure/store/reference.ts';
import { describeImages, type DescribedImage } from '../engine/describe-images.ts';
import type { Roots } from '../engine/roots.ts';
import { usageError } from './corten-context.ts';
import { filtersFrom, hasLabels, truthOf, type Filters } from './corten-filters.ts';
import { matchesGlob } from './glob.ts';
import { momentOf } from './moment.ts';

const KNOWN = ['dangling', 'label', 'before', 'since', 'reference', 'until', 'id'];

/** The images that fit every filter, each with the names that fit. */
export function filterImages(
  roots: Roots,
  images: readonly ListedImage[],
  texts: readonly string[],
): readonly ListedImage[] {
  const filters = filtersFrom(texts, KNOWN);
  const described = describeImages(roots, images);
  const tests = testsFrom(filters, images);
  const patterns = filters.get('reference');
  return described
    .filter((image) => tests.every((fits) => fits(image)))
    .map(({ image }) => (patterns === undefined ? image : withNames(image, patterns)))
    .filter(({ references }) => patterns === undefined || references.length > 0);
}

type Fits = (image: DescribedImage) => boolean;

function testsFrom(filters: Filters, images: readonly ListedImage[]): readonly Fits[] {
  const each = (key: string, test: (value: string) => Fits): readonly Fits[] =>
    (filters.get(key) ?? []).map(test);
  const labels = filters.get('label');
  const ids = filters.get('id');
  return [
    ...each('dangling', (value) => {
      const isWanted = truthOf('dangling', value);
      return ({ image }) => (image.references.length === 0) === isWanted;
    }),
    ...(labels === undefined ? [] : [({ labels: own }: DescribedImage) => hasLabels(own, labels)]),
    ...(ids === undefined ? [] : [({ image }: DescribedImage) => ids.some((id) => isId(image.id, id))]),
    ...each('before', (value) => {
      const limit = createdOf(images, value);
      return ({ image }) => timeOf(image) < limit;
    }),
    ...each('since', (value) => {
      const limit = createdOf(images, value);
      return ({ image }) => timeOf(image) > limit;
    }),
    ...each('until', (value) => {
      const limit = momentOf('until', value, Date.now());
      return ({ image }) => timeOf(image) < limit;
    }),
  ];
}

function isId(id: string, wanted: string): boolean {
  return id.startsWith(wanted) || id.startsWith(`sha256:${wanted}`);
}

function timeOf({ created }: ListedImage): number {
  return created === undefined ? 0 : Date.parse(created);
}

function createdOf(images: readonly ListedImage[], wanted: string): number {
  const full = fullName(wanted);
  const found = images.find(
    ({ id, references }) => isId(id, wanted) || references.some((name) => name === full),
  );
  if (found === undefined) throw usageError(`The filter names the image "${wanted}", which there is none of`);
  return timeOf(found);
}

function fullName(text: string): string | undefined {
  try {
    return formatReference(parseReference(text));
  } catch {
    return undefined;
  }
}

function withNames(image: ListedImage, patterns: readonly string[]): ListedImage {
  return {
    ...image,
    references: image.references.filter((name) => patterns.some((one) => fitsName(one, name))),
  };
}

/** As docker has it: a pattern is about the name for people, with its tag or without. */
function fitsName(pattern: string, name: string): boolean {
  const short = shortReference(name);
  const repository = short.includes('@')
    ? short.slice(0, short.indexOf('@'))
    : short.slice(0, short.lastIndexOf(':'));
  const bare = name.replace(/(?<=[^/])(?:@.*|:[^/]*)$/, '');
  return [short, repository, name, bare].some((text) => matchesGlob(pattern, text));
}
