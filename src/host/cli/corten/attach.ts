import { attachContainer } from '../../engine/attach-container.ts';
import { findContainer } from '../../engine/find-container.ts';
import { blockSignals, catchableSignals, signalSet } from '../../kernel/signals.ts';
import { isTerminal, windowSize } from '../../kernel/terminal.ts';
import { awaitGone } from '../../monitor/connect-monitor.ts';
import { resizePacket } from '../../monitor/packets.ts';
import { attach } from '../corten-attach.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { DETACH_KEYS_FLAG, detachKeysFrom } from '../detach-keys-flag.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'attach [flags] CONTAINER',
  summary:
    "Joins the terminal with a running container's streams, until it ends or the detach keys are typed.",
  flags: {
    'detach-keys': DETACH_KEYS_FLAG,
    'no-stdin': { kind: 'switch', help: 'pass no standard input on' },
    'sig-proxy': { kind: 'switch', help: 'pass signals on, as it is unless --sig-proxy=false' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const places = findContainer(roots, onlyWord(options, 'container'));
  const detachKeys = detachKeysFrom(options);
  // Before the connection, so that no signal comes between and ends us half way.
  blockSignals(signalSet(catchableSignals()));
  const { connection, hasTerminal, hasStdin } = attachContainer(places, !options.isOn('no-stdin'));
  if (hasTerminal && hasStdin && !isTerminal(0))
    throw usageError('Standard input is no terminal: give --no-stdin');
  const size = hasTerminal ? windowSize(0) : undefined;
  if (size !== undefined) connection.send(resizePacket(size.height, size.width));
  const isSignalProxied = options.text('sig-proxy') !== 'false';
  const end = attach({ connection, hasStdin, hasTerminal, detachKeys, isSignalProxied });
  if (end === 'detached') return 0;
  awaitGone(connection);
  return end.code;
}
