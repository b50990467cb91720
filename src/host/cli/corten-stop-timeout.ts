import type { Options } from './options.ts';
import { numberOf } from './verb.ts';

export const STOP_FLAGS = {
  time: {
    kind: 'text',
    short: 't',
    value: 'SECONDS',
    help: "how long to wait before the kill: the container's own time or 10 unless given, -1 for ever",
  },
  timeout: { kind: 'text', value: 'SECONDS', help: 'the same as --time' },
} as const;

/** Seconds, -1 for ever; undefined for the container's own. */
export function stopTimeoutFrom(options: Options): number | undefined {
  return timeoutOf(options, 'time') ?? timeoutOf(options, 'timeout');
}

function timeoutOf(options: Options, name: string): number | undefined {
  return options.text(name) === '-1' ? -1 : numberOf(options, name);
}
