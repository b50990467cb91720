import { usageError } from '../corten-context.ts';
import { toMilliseconds } from '../duration.ts';
import type { Options } from '../options.ts';

type Loose<T> = { readonly [Key in keyof T]?: T[Key] | undefined };

/** Without the keys that are undefined. */
export function isDefined<T extends object>(values: Loose<T>): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

/** The value of a flag as a whole number within bounds. */
export function integerOf(
  options: Options,
  name: string,
  [least, most]: readonly [number, number],
): number | undefined {
  const text = options.text(name);
  if (text === undefined) return undefined;
  const value = /^-?\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw usageError(`The flag --${name} takes a whole number from ${least} to ${most}, not "${text}"`);
}

/** The value of a flag as a time, in milliseconds. */
export function durationOf(options: Options, name: string): number | undefined {
  const text = options.text(name);
  if (text === undefined) return undefined;
  const milliseconds = text === '0' ? 0 : toMilliseconds(text);
  if (milliseconds !== undefined) return milliseconds;
  throw usageError(`The flag --${name} takes a time such as 30s or 1m30s, not "${text}"`);
}

/** `NAME=VALUE` of a flag that may be given often. */
export function pairOf(text: string, flag: string): readonly [string, string] {
  const equals = text.indexOf('=');
  if (equals <= 0) throw usageError(`The flag --${flag} takes NAME=VALUE, not "${text}"`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}
