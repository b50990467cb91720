import type { HistoryEntry } from '../../../pure/store/image-history.ts';
import { imageHistory } from '../../engine/image-history.ts';
import type { CortenContext } from '../corten-context.ts';
import { FORMAT_FLAG, printList } from '../corten-format.ts';
import { sizeText } from '../../../pure/base/size-text.ts';
import { ageOf } from '../human-time.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'history [flags] IMAGE',
  summary: 'Shows the steps by which an image was made, the last first.',
  flags: {
    quiet: { kind: 'switch', short: 'q', help: 'print IDs alone' },
    'no-trunc': { kind: 'switch', help: 'shorten nothing' },
    format: FORMAT_FLAG,
  },
} as const;

const HEADERS = {
  ID: 'IMAGE',
  CreatedSince: 'CREATED',
  CreatedAt: 'CREATED AT',
  CreatedBy: 'CREATED BY',
  Size: 'SIZE',
  Comment: 'COMMENT',
} as const;
const MISSING = '<missing>';
const PREFIX = 'sha256:'.length;
const SHORT_ID = 12;
const SHORT_STEP = 45;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const isWhole = options.isOn('no-trunc');
  const now = Date.now();
  const rows = imageHistory(roots, onlyWord(options, 'image')).map((entry) => rowOf(entry, isWhole, now));
  printList(
    {
      rows,
      headers: HEADERS,
      columns: ['ID', 'CreatedSince', 'CreatedBy', 'Size', 'Comment'],
      identifier: 'ID',
    },
    { format: options.text('format'), isQuiet: options.isOn('quiet') },
  );
  return 0;
}

/** With the names that Docker's JSON has. */
interface Row {
  readonly Comment: string;
  readonly CreatedAt: string;
  readonly CreatedBy: string;
  readonly CreatedSince: string;
  readonly ID: string;
  readonly Size: string;
}

function rowOf({ id, created, createdBy, comment, size }: HistoryEntry, isWhole: boolean, now: number): Row {
  // What a stranger wrote goes to a terminal, on one line.
  const step = createdBy.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, ' ');
  return {
    Comment: comment.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, ' '),
    CreatedAt: created ?? '',
    CreatedBy: isWhole || step.length <= SHORT_STEP ? step : `${step.slice(0, SHORT_STEP - 1)}…`,
    CreatedSince: created === undefined ? 'N/A' : `${ageOf(created, now)} ago`,
    ID: id === undefined ? MISSING : isWhole ? id : id.slice(PREFIX, PREFIX + SHORT_ID),
    Size: sizeText(size),
  };
}
