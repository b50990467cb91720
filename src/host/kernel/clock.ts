import { sys } from './call.ts';

const REALTIME = 0;
const MONOTONIC = 1;
const DAY = 86400;

/** Milliseconds of a clock that only goes forward (clock_gettime(2), CLOCK_MONOTONIC). */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = read(MONOTONIC);
  return seconds * 1000 + nanoseconds / 1e6;
}

/**
 * The time of day as RFC 3339 has it, in UTC with nanoseconds. By arithmetic and not by Date, which a process that
 * stays for years needs for nothing else.
 */
export function timestamp(): string {
  const [seconds, nanoseconds] = read(REALTIME);
  return `${secondsText(seconds)}.${String(nanoseconds).padStart(9, '0')}Z`;
}

function read(clock: number): readonly [number, number] {
  const moment = new BigInt64Array(2);
  sys('clock_gettime', clock, moment);
  return [Number(moment[0]), Number(moment[1])];
}

/** `1970-01-01T00:00:00` for 0; of the years from 1970 to 9999. */
export function secondsText(seconds: number): string {
  const ofDay = seconds % DAY;
  const { year, month, day } = dateOf(Math.floor(seconds / DAY));
  const time = [Math.floor(ofDay / 3600), Math.floor(ofDay / 60) % 60, ofDay % 60];
  return `${year}-${two(month)}-${two(day)}T${time.map(two).join(':')}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

/**
 * The Gregorian date of a day counted from 1970-01-01. Years are counted from March here, so that the day which only
 * some have comes last, in spans of 400 years that are all alike (146097 days).
 */
function dateOf(dayNumber: number): { readonly year: number; readonly month: number; readonly day: number } {
  const fromMarch0000 = dayNumber + 719468;
  const span = Math.floor(fromMarch0000 / 146097);
  const inSpan = fromMarch0000 - span * 146097;
  const leaps = Math.floor(inSpan / 1460) - Math.floor(inSpan / 36524) + Math.floor(inSpan / 146096);
  const yearInSpan = Math.floor((inSpan - leaps) / 365);
  const inYear = inSpan - (365 * yearInSpan + Math.floor(yearInSpan / 4) - Math.floor(yearInSpan / 100));
  const monthFromMarch = Math.floor((5 * inYear + 2) / 153);
  const day = inYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return { year: span * 400 + yearInSpan + (month <= 2 ? 1 : 0), month, day };
}
