import { usageError } from './corten-context.ts';
import { toMilliseconds } from './duration.ts';

const SECONDS = /^\d{1,11}(?:\.\d{1,9})?$/;
/** A day, and perhaps a time without a zone, which is local. */
const LOCAL = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d(?::\d\d(?::\d\d(?:\.\d{1,9})?)?)?))?$/;

/** Milliseconds since 1970 of a moment as docker's flags take it: a date, seconds since 1970, or an age such as 10m. */
export function momentOf(flag: string, text: string, now: number): number {
  if (SECONDS.test(text)) return Number(text) * 1000;
  const age = toMilliseconds(text.replace(/^-/, ''));
  if (age !== undefined) return text.startsWith('-') ? now + age : now - age;
  const [, day, time] = LOCAL.exec(text) ?? [];
  const moment = Date.parse(day === undefined ? text : `${day}T${filled(time)}`);
  if (!Number.isNaN(moment)) return moment;
  throw usageError(
    `--${flag} takes a time such as 2026-01-31T12:00:00Z, seconds since 1970, or an age such as 10m, not "${text}"`,
  );
}

function filled(time = '00:00:00'): string {
  return time.length === 2 ? `${time}:00:00` : time.length === 5 ? `${time}:00` : time;
}
