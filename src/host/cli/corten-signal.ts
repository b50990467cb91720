import { signalNumber } from '../kernel/signals.ts';
import { usageError } from './corten-context.ts';
import type { Options } from './options.ts';

export const SIGNAL_FLAGS = {
  signal: { kind: 'text', short: 's', value: 'SIGNAL', help: 'a name such as TERM, or a number' },
} as const;

/** What `--signal` names, KILL unless given. */
export function signalFrom(options: Options): number {
  const name = options.text('signal') ?? 'KILL';
  const signal = signalNumber(name);
  if (signal !== undefined) return signal;
  throw usageError(`The signal "${name}" is unknown: give a name such as TERM or a number up to 64`);
}
