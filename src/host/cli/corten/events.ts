import { formatJson } from '../../../pure/base/json.ts';
import { readEvents } from '../../engine/read-events.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { FILTER_FLAG } from '../corten-filters.ts';
import { templates } from '../corten-format.ts';
import { documentOf, isShown, lineOf } from '../event-text.ts';
import { momentOf } from '../moment.ts';
import type { Options } from '../options.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'events [flags]',
  summary:
    'Shows what happens to containers, images, networks and volumes, as it happens and from the record.',
  flags: {
    since: { kind: 'text', value: 'TIME', help: 'from then on, as a date and time or an age such as 10m' },
    until: { kind: 'text', value: 'TIME', help: 'to then, and no longer' },
    filter: {
      ...FILTER_FLAG,
      help: 'only those that fit: container, image, network, volume, type, event, label, id',
    },
    format: {
      kind: 'text',
      value: 'FORM',
      help: "json, or a template in Go's syntax: {{.Action}} {{.Actor.ID}}",
    },
    stream: { kind: 'switch', help: 'go on, as it does unless --stream=false' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length > 0) throw usageError(`events takes no argument "${options.rest[0]}"`);
  const now = Date.now();
  const moment = (flag: 'since' | 'until'): number | undefined => {
    const text = options.text(flag);
    return text === undefined ? undefined : momentOf(flag, text, now);
  };
  const isEnding = options.text('stream') === 'false';
  const since = moment('since') ?? (isEnding ? 0 : undefined);
  const until = moment('until') ?? (isEnding ? now : undefined);
  const fits = isShown(options.list('filter'));
  const shown = shownBy(options);
  readEvents(roots, { since, until }, (event) => {
    if (fits(event)) print(`${shown(event)}\n`);
  });
  return 0;
}

function shownBy(options: Options): typeof lineOf {
  const format = options.text('format');
  if (format === undefined) return lineOf;
  if (format === 'json') return (event) => formatJson(documentOf(event));
  const { fillInDocument, readTemplate } = templates();
  const template = readTemplate(format);
  return (event) => fillInDocument(template, documentOf(event));
}
