import type { HistoryEntry } from '../../../pure/store/image-history.ts';
import { imageHistory } from '../../engine/image-history.ts';
import type { CortenContext } from '../corten-context.ts';
import { isJson, jsonLines } from '../corten-format.ts';
import { sizeText } from '../human-size.ts';
import { ageOf } from '../human-time.ts';
import { print } from '../runt-context.ts';
import { table } from '../table.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'history [flags] IMAGE',
  summary: 'Shows the steps by which an image was made, the last first.',
  flags: {
    quiet: { kind: 'switch', short: 'q', help: 'print IDs alone' },
    'no-trunc': { kind: 'switch', help: 'shorten nothing' },
    format: { kind: 'text', value: 'json', help: 'one JSON object a line' },
  },
} as const;

const HEADER = ['IMAGE', 'CREATED', 'CREATED BY', 'SIZE', 'COMMENT'];
const MISSING = '<missing>';
const PREFIX = 'sha256:'.length;
const SHORT_ID = 12;
const SHORT_STEP = 45;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const asJson = isJson(options.text('format'));
  const isWhole = options.isOn('no-trunc');
  const now = Date.now();
  const rows = imageHistory(roots, onlyWord(options, 'image')).map((entry) => rowOf(entry, isWhole, now));
  if (options.isOn('quiet')) print(rows.map(({ ID }) => `${ID}\n`).join(''));
  else if (asJson) print(jsonLines(rows));
  else {
    print(
      table([HEADER, ...rows.map((row) => [row.ID, row.CreatedSince, row.CreatedBy, row.Size, row.Comment])]),
    );
  }
  return 0;
}

/** With the names that Docker's JSON has. */
interface Row {
  readonly ID: string;
  readonly CreatedAt: string;
  readonly CreatedSince: string;
  readonly CreatedBy: string;
  readonly Size: string;
  readonly Comment: string;
}

function rowOf({ id, created, createdBy, comment, size }: HistoryEntry, isWhole: boolean, now: number): Row {
  // What a stranger wrote goes to a terminal, on one line.
  const step = createdBy.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, ' ');
  return {
    ID: id === undefined ? MISSING : isWhole ? id : id.slice(PREFIX, PREFIX + SHORT_ID),
    CreatedAt: created ?? '',
    CreatedSince: created === undefined ? 'N/A' : `${ageOf(created, now)} ago`,
    CreatedBy: isWhole || step.length <= SHORT_STEP ? step : `${step.slice(0, SHORT_STEP - 1)}…`,
    Size: sizeText(size),
    Comment: comment.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, ' '),
  };
}
