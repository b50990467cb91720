/**
 * What a template sees. A plain object is a Go struct, whose fields are known; a Map is a Go map, whose keys are
 * anybody's; null is a pointer that leads nowhere, and undefined no value at all.
 */
export type Value =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Empty
  | Method
  | readonly Value[]
  | ReadonlyMap<string, Value>
  | Struct;

export interface Struct {
  readonly [field: string]: Value;
}

export type Method = (...args: readonly Value[]) => Value;

/** A slice or map that was never made: it prints as an empty one, and is null as JSON. */
export class Empty {
  readonly text: '[]' | 'map[]';

  constructor(text: '[]' | 'map[]') {
    this.text = text;
  }

  toJSON(): null {
    return null;
  }
}

export function isMap(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map;
}

export function isEmpty(value: Value): value is Empty {
  return value instanceof Empty;
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isStruct(value: Value): value is Struct {
  return typeof value === 'object' && value !== null && !isMap(value) && !isList(value) && !isEmpty(value);
}

/** Keys in Go's order, which is that of their bytes. */
export function sortedEntries(map: ReadonlyMap<string, Value>): readonly (readonly [string, Value])[] {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** What Go's `if` takes for true. */
export function isTrue(value: Value): boolean {
  if (isEmpty(value) || value === null || value === undefined) return false;
  if (isList(value)) return value.length > 0;
  if (isMap(value)) return value.size > 0;
  return isStruct(value) || Boolean(value);
}

/** The Go type that a value has, for messages and %T. */
export function typeName(value: Value): string {
  if (value === null || value === undefined) return '<nil>';
  if (isEmpty(value)) return value.text === '[]' ? '[]string' : 'map[string]string';
  if (isList(value)) return typeof value[0] === 'string' ? '[]string' : '[]interface {}';
  if (isMap(value)) return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  if (typeof value === 'bigint') return 'int64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : typeof value === 'function' ? 'func' : 'struct';
}
