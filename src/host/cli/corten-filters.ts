import { usageError } from './corten-context.ts';

export const FILTER_FLAG = {
  kind: 'list',
  short: 'f',
  value: 'KEY=VALUE',
  help: 'only those that fit; several values of one key are alternatives',
} as const;

/** What --filter asks for, by key; the values of one key in the order given. */
export type Filters = ReadonlyMap<string, readonly string[]>;

/** Reads `key=value` each; a key that is none of `known` is refused by name. */
export function filtersFrom(texts: readonly string[], known: readonly string[]): Filters {
  const filters = new Map<string, readonly string[]>();
  for (const text of texts) {
    const equals = text.indexOf('=');
    const key = text.slice(0, equals).trim().toLowerCase();
    if (equals <= 0) throw usageError(`The flag --filter takes KEY=VALUE, not "${text}"`);
    if (!known.includes(key)) {
      throw usageError(`The filter "${key}" is unknown here: give one of ${known.join(', ')}`);
    }
    filters.set(key, [...(filters.get(key) ?? []), text.slice(equals + 1).trim()]);
  }
  return filters;
}

/** Whether a thing with these labels has all that are asked for: `key`, or `key=value`. */
export function hasLabels(labels: ReadonlyMap<string, string>, wanted: readonly string[]): boolean {
  return wanted.every((text) => {
    const equals = text.indexOf('=');
    if (equals < 0) return labels.has(text);
    return labels.get(text.slice(0, equals)) === text.slice(equals + 1);
  });
}

/** A value of a filter that is a truth. */
export function truthOf(key: string, text: string): boolean {
  if (['true', '1', 't'].includes(text.toLowerCase())) return true;
  if (['false', '0', 'f'].includes(text.toLowerCase())) return false;
  throw usageError(`The filter "${key}" takes true or false, not "${text}"`);
}
