import { CortenError } from '../../../pure/base/errors.ts';
import { signalNumber } from '../../kernel/signals.ts';
import { killContainer } from '../../runtime/kill.ts';
import type { RuntContext } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'kill [flags] CONTAINER [SIGNAL]',
  flagPlace: 'anywhere',
  summary: "Sends a signal, TERM unless given, to a container's first process.",
  flags: { all: { kind: 'switch', short: 'a', help: 'to every process of the container' } },
} as const;

export function main({ root, words }: RuntContext): number {
  const options = parseVerb('runt', HELP, words);
  if (options === undefined) return 0;
  const [id, name = 'TERM', ...more] = options.rest;
  if (id === undefined || more.length > 0) {
    throw new CortenError('invalid_argument', 'CLI_ARGUMENTS', 'Give a container id and at most one signal');
  }
  // 0 only asks whether anybody is there (kill(2)).
  const signal = name === '0' ? 0 : signalNumber(name);
  if (signal === undefined) {
    throw new CortenError(
      'invalid_argument',
      'CLI_SIGNAL_UNKNOWN',
      `The signal "${name}" is unknown: give a name such as TERM or a number up to 64`,
    );
  }
  killContainer(root, id, { signal, all: options.isOn('all') });
  return 0;
}
