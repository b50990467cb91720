import type { ListedImage } from '../../../pure/store/list-images.ts';
import { shortReference } from '../../../pure/store/reference.ts';
import { listImages } from '../../engine/list-images.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { isJson, jsonLines } from '../corten-format.ts';
import { sizeText } from '../human-size.ts';
import { agoText } from '../human-time.ts';
import { print } from '../runt-context.ts';
import { table } from '../table.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'images [flags]',
  summary: 'Lists the images of the store, newest first.',
  flags: {
    quiet: { kind: 'switch', short: 'q', help: 'print IDs alone' },
    'no-trunc': { kind: 'switch', help: 'shorten nothing' },
    format: { kind: 'text', value: 'json', help: 'one JSON object a line' },
  },
} as const;

const HEADER = ['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE'];
const NONE = '<none>';
const PREFIX = 'sha256:'.length;
const SHORT_ID = 12;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length > 0) throw usageError(`images takes no argument "${options.rest[0]}"`);
  const asJson = isJson(options.text('format'));
  const isWhole = options.isOn('no-trunc');
  const now = Date.now();
  const rows = listImages(roots).flatMap((image) => rowsOf(image, isWhole, now));
  if (options.isOn('quiet')) print([...new Set(rows.map(({ ID }) => `${ID}\n`))].join(''));
  else if (asJson) print(jsonLines(rows));
  else
    print(
      table([HEADER, ...rows.map((row) => [row.Repository, row.Tag, row.ID, row.CreatedSince, row.Size])]),
    );
  return 0;
}

/** With the names that Docker's JSON has. */
interface Row {
  readonly Repository: string;
  readonly Tag: string;
  readonly ID: string;
  readonly CreatedAt: string;
  readonly CreatedSince: string;
  readonly Size: string;
}

/** One for each name. */
function rowsOf(
  { id, references, created, size }: ListedImage,
  isWhole: boolean,
  now: number,
): readonly Row[] {
  const names = references.length === 0 ? [''] : references;
  return names.map((name) => {
    const { repository, tag } = split(name);
    return {
      Repository: repository,
      Tag: tag,
      ID: isWhole ? id : id.slice(PREFIX, PREFIX + SHORT_ID),
      CreatedAt: created ?? '',
      CreatedSince: agoText(created ?? '', now),
      Size: sizeText(size),
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
