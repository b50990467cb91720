import type { ListedImage } from '../../../pure/store/list-images.ts';
import { shortReference } from '../../../pure/store/reference.ts';
import { listImages } from '../../engine/list-images.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { FILTER_FLAG } from '../corten-filters.ts';
import { FORMAT_FLAG, printList } from '../corten-format.ts';
import { sizeText } from '../../../pure/base/size-text.ts';
import { agoText } from '../human-time.ts';
import type { Options } from '../options.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'images [flags] [REPOSITORY[:TAG]]',
  summary: 'Lists the images of the store, newest first.',
  flags: {
    all: { kind: 'switch', short: 'a', help: 'accepted for compatibility: no image is hidden' },
    quiet: { kind: 'switch', short: 'q', help: 'print IDs alone' },
    'no-trunc': { kind: 'switch', help: 'shorten nothing' },
    digests: { kind: 'switch', help: 'with the digest of each manifest' },
    filter: {
      ...FILTER_FLAG,
      help: 'only those that fit: dangling, label, before, since, until, reference, id',
    },
    format: FORMAT_FLAG,
  },
} as const;

const HEADERS = {
  Repository: 'REPOSITORY',
  Tag: 'TAG',
  Digest: 'DIGEST',
  ID: 'IMAGE ID',
  CreatedSince: 'CREATED',
  CreatedAt: 'CREATED AT',
  Size: 'SIZE',
  VirtualSize: 'SIZE',
} as const;
const NONE = '<none>';
const PREFIX = 'sha256:'.length;
const SHORT_ID = 12;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length > 1) throw usageError(`images takes one argument, not "${options.rest.join(' ')}"`);
  const isWhole = options.isOn('no-trunc');
  const now = Date.now();
  const images = filtered(listImages(roots), options, roots);
  const rows = images.flatMap((image) => rowsOf(image, isWhole, now));
  const form = { format: options.text('format'), isQuiet: options.isOn('quiet') };
  if (form.isQuiet && (form.format ?? 'table') === 'table') {
    print([...new Set(rows.map(({ ID }) => `${ID}\n`))].join(''));
    return 0;
  }
  const digest = options.isOn('digests') ? (['Digest'] as const) : [];
  const columns = ['Repository', 'Tag', ...digest, 'ID', 'CreatedSince', 'Size'] as const;
  printList({ rows, headers: HEADERS, columns, identifier: 'ID' }, form);
  return 0;
}

function filtered(
  images: readonly ListedImage[],
  options: Options,
  roots: CortenContext['roots'],
): readonly ListedImage[] {
  const [repository] = options.rest;
  const filters = [
    ...options.list('filter'),
    ...(repository === undefined ? [] : [`reference=${repository}`]),
  ];
  if (filters.length === 0) return images;
  const { filterImages } = load('cli/image-filters.chunk.js') as typeof import('../image-filters.chunk.ts');
  return filterImages(roots, images, filters);
}

/** With the names that Docker's JSON has. */
interface Row {
  readonly Containers: string;
  readonly CreatedAt: string;
  readonly CreatedSince: string;
  readonly Digest: string;
  readonly ID: string;
  readonly Repository: string;
  readonly SharedSize: string;
  readonly Size: string;
  readonly Tag: string;
  readonly UniqueSize: string;
  readonly VirtualSize: string;
}

/** One for each name. */
function rowsOf(image: ListedImage, isWhole: boolean, now: number): readonly Row[] {
  const { id, references, created, size, manifestDigest } = image;
  const names = references.length === 0 ? [''] : references;
  return names.map((name) => {
    const { repository, tag } = split(name);
    return {
      Containers: 'N/A',
      CreatedAt: created ?? '',
      CreatedSince: agoText(created ?? '', now),
      Digest: manifestDigest,
      ID: isWhole ? id : id.slice(PREFIX, PREFIX + SHORT_ID),
      Repository: repository,
      SharedSize: 'N/A',
      Size: sizeText(size),
      Tag: tag,
      UniqueSize: 'N/A',
      VirtualSize: sizeText(size),
    };
  });
}

function split(name: string): { readonly repository: string; readonly tag: string } {
  if (name === '') return { repository: NONE, tag: NONE };
  const short = shortReference(name);
  const at = short.indexOf('@');
  if (at >= 0) return { repository: short.slice(0, at), tag: NONE };
  const colon = short.lastIndexOf(':');
  return { repository: short.slice(0, colon), tag: short.slice(colon + 1) };
}
