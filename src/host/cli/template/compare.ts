import { executionError } from './errors.ts';
import { isEmpty, isList, isMap, isStruct, typeName, type Value } from './values.ts';

/** Go's `eq`: the first equals any of the others. */
export function equalsAny(first: Value, others: readonly Value[]): boolean {
  if (others.length === 0) throw executionError('eq takes at least two values');
  return others.some((other) => isSame(first, other));
}

export function isSame(a: Value, b: Value): boolean {
  const [nothingA, nothingB] = [isNothing(a), isNothing(b)];
  if (nothingA || nothingB) return nothingA && nothingB;
  requireBasic(a, b);
  if (isNumber(a) && isNumber(b)) return Number(a) === Number(b);
  if (typeof a !== typeof b) throw incomparable(a, b);
  return a === b;
}

export function isLess(a: Value, b: Value): boolean {
  if (isNumber(a) && isNumber(b)) return a < b;
  if (typeof a === 'string' && typeof b === 'string') return a < b;
  throw incomparable(a, b);
}

function isNothing(value: Value): boolean {
  return value === null || value === undefined || isEmpty(value);
}

function isNumber(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function requireBasic(...values: readonly Value[]): void {
  const wrong = values.find(
    (value) => isList(value) || isMap(value) || isStruct(value) || typeof value === 'function',
  );
  if (wrong !== undefined) throw executionError(`a ${typeName(wrong)} can't be compared`);
}

function incomparable(a: Value, b: Value): Error {
  return executionError(`a ${typeName(a)} can't be compared with a ${typeName(b)}`);
}
