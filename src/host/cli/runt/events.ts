import { CortenError } from '../../../pure/base/errors.ts';
import { formatJson } from '../../../pure/base/json.ts';
import { readStats, watchContainer, type ContainerEvent } from '../../runtime/events.ts';
import { toMilliseconds } from '../duration.ts';
import { print, type RuntContext } from '../runt-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'events [flags] CONTAINER',
  flagPlace: 'anywhere',
  summary: 'Prints lines of JSON: statistics, and when the container runs out of memory, until it ends.',
  flags: {
    interval: { kind: 'text', value: 'TIME', help: 'between two statistics, 5s unless given' },
    stats: { kind: 'switch', help: 'the statistics of now, once' },
  },
} as const;

export function main({ root, words }: RuntContext): number {
  const options = parseVerb('runt', HELP, words);
  if (options === undefined) return 0;
  const id = onlyWord(options, 'container id');
  const text = options.text('interval') ?? '5s';
  const interval = toMilliseconds(text);
  if (interval === undefined || interval <= 0) {
    const sentence = `The flag --interval takes a time such as 500ms or 5s, not "${text}"`;
    throw new CortenError('invalid_argument', 'CLI_FLAG_INVALID', sentence);
  }
  if (options.isOn('stats')) tell({ type: 'stats', id, data: readStats(root, id) });
  else watchContainer({ root, id, interval, tell });
  return 0;
}

function tell(event: ContainerEvent): void {
  print(`${formatJson(event)}\n`);
}
