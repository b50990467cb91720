import type { Json, JsonObject } from '../../../pure/base/json.ts';
import { runtimeError } from '../errors.ts';

type Value = Json | undefined;

// Refusals of a document's fields; `at` is the field's path as the specification writes it.

export function refuse(at: string, wanted: string): never {
  throw runtimeError('SPEC_INVALID', `${at === '' ? 'The document' : `The field ${at}`} must be ${wanted}`);
}

export function isAbsent(value: Value): value is null | undefined {
  return value === undefined || value === null;
}

export function toRecord(value: Value, at: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(at, 'an object');
  return value as JsonObject;
}

/** An absent object is an empty one. */
export function optionalRecord(value: Value, at: string): JsonObject {
  return isAbsent(value) ? {} : toRecord(value, at);
}

/** A text without a NUL, which no system call could take. */
export function toText(value: Value, at: string): string {
  if (typeof value !== 'string') refuse(at, 'a text');
  if (value.includes('\0')) refuse(at, 'a text without a NUL character');
  return value;
}

function isText(value: Value): boolean {
  return typeof value === 'string' && !value.includes('\0');
}

export function toFilledText(value: Value, at: string): string {
  const text = toText(value, at);
  return text === '' ? refuse(at, 'a text that is not empty') : text;
}

export function toBoolean(value: Value, at: string): boolean {
  if (isAbsent(value)) return false;
  return typeof value === 'boolean' ? value : refuse(at, 'true or false');
}

/** A whole number from `least` to `most`. */
export function toNumber(value: Value, at: string, [least, most]: readonly [number, number]): number {
  const isWhole = typeof value === 'number' && Number.isSafeInteger(value);
  if (!isWhole || value < least || value > most) refuse(at, `a whole number from ${least} to ${most}`);
  return value;
}

/** A whole number of 64 bits, exact. */
export function toInteger(value: Value, at: string): number | bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value !== 'bigint' || !isOf64Bits(value)) refuse(at, 'a whole number of 64 bits');
  return value;
}

const LEAST = -(2n ** 63n);
const MOST = 2n ** 64n - 1n;

/** Of bigints alone: QuickJS finds the number -1 less than -(2n ** 63n) when it came out of JSON. */
function isOf64Bits(value: bigint): boolean {
  return value >= LEAST && value <= MOST;
}

export function toUnsigned(value: Value, at: string): bigint {
  const number = toInteger(value, at);
  return number < 0 ? refuse(at, 'a whole number from 0 to 18446744073709551615') : BigInt(number);
}

/** An absent list is an empty one. */
export function toList<T>(value: Value, at: string, item: (value: Value, at: string) => T): readonly T[] {
  if (isAbsent(value)) return [];
  if (!Array.isArray(value)) refuse(at, 'a list');
  // Most lists are of texts: the entry's name is made for one that is refused alone.
  if (item === (toText as unknown) && value.every(isText)) return value as readonly T[];
  return value.map((entry, index) => item(entry, `${at}[${index}]`));
}

export function toChoice<T extends string>(value: Value, at: string, choices: readonly T[]): T {
  const choice = choices.find((one) => one === value);
  return choice ?? refuse(at, `one of ${choices.join(', ')}`);
}

/** The properties of `fields` that are there, each parsed: what is absent leaves no property. */
export function present<T extends object>(
  record: JsonObject,
  at: string,
  parsers: { readonly [K in keyof T]: (value: Value, at: string) => T[K] },
): Partial<T> {
  const result: Partial<T> = {};
  for (const key in parsers) {
    if (!isAbsent(record[key])) result[key] = parsers[key](record[key], `${at}.${key}`);
  }
  return result;
}

const REFUSED_CHUNK = 'runtime/parse/refused-fields.chunk.js';

/** Refuses by name, its content validated, what asks for something that is not offered, so that nothing is silently left out. */
export function refuseUnsupported(record: JsonObject, at: string, names: readonly string[]): void {
  for (const name of names) {
    if (isEmpty(record[name])) continue;
    const field = at === '' ? name : `${at}.${name}`;
    (load(REFUSED_CHUNK) as typeof import('./refused-fields.chunk.ts')).validateRefused(field, record[name]);
    throw runtimeError(
      'SPEC_FIELD_UNSUPPORTED',
      `The field ${field} is not supported by this version: leave it out`,
    );
  }
}

/** Says nothing: null, an empty text, false, and lists and objects of nothing else. */
export function isEmpty(value: Value): boolean {
  if (isAbsent(value) || value === '' || value === false) return true;
  return typeof value === 'object' && Object.values(value).every((inner) => isEmpty(inner as Value));
}
