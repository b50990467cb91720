import { encode } from '../../kernel/files.ts';
import type { Stretch } from './frame-lines.ts';

const NEWLINE = 10;

/**
 * A stretch of output as Docker's json-file driver writes it: `{"log":"LINE\n","stream":"stdout","time":"…"}` a
 * line; a last piece without a newline has none in `log` either.
 */
export function jsonLines({ buffer, start, end }: Stretch, stream: string, time: string): Uint8Array {
  const lines: string[] = [];
  for (let at = start; at < end;) {
    const newline = indexOf(buffer, NEWLINE, at, end);
    const next = newline < 0 ? end : newline + 1;
    lines.push(`${JSON.stringify({ log: utf8(buffer, at, next), stream, time })}\n`);
    at = next;
  }
  return encode(lines.join(''));
}
