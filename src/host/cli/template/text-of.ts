import { formatJson } from '../../../pure/base/json.ts';
import { isEmpty, isList, isMap, isStruct, sortedEntries, type Value } from './values.ts';

/** A value as fmt.Print shows it (%v). */
export function textOf(value: Value): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return numberText(value);
  if (isEmpty(value)) return value.text;
  if (isList(value)) return `[${value.map(textOf).join(' ')}]`;
  if (isMap(value))
    return `map[${sortedEntries(value)
      .map(([key, inner]) => `${key}:${textOf(inner)}`)
      .join(' ')}]`;
  if (isStruct(value))
    return `{${fieldsOf(value)
      .map(([, inner]) => textOf(inner))
      .join(' ')}}`;
  return typeof value === 'function' ? 'func' : String(value);
}

/** As an action prints it: what isn't there has a word of its own. */
export function printed(value: Value): string {
  return value === undefined ? '<no value>' : textOf(value);
}

/** A struct's fields that are data. */
function fieldsOf(struct: Readonly<Record<string, Value>>): readonly (readonly [string, Value])[] {
  return Object.entries(struct).filter(([, inner]) => typeof inner !== 'function');
}

const LARGEST_PLAIN = 1e21;
const SMALLEST_PLAIN = 1e-4;

/** strconv's 'g' with the shortest digits: plain between the two bounds, else with an exponent of two digits. */
function numberText(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || !Number.isFinite(size)) return goWord(value);
  if (Number.isInteger(value) || (size >= SMALLEST_PLAIN && size < LARGEST_PLAIN)) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

function goWord(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value === 0 ? '0' : value > 0 ? '+Inf' : '-Inf';
}

/** As docker's `json`: Go's encoding, where maps are sorted and only the two line separators are escaped. */
export function jsonOf(value: Value): string {
  return formatJson(plain(value)).replace(
    /[\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16)}`,
  );
}

function plain(value: Value): unknown {
  if (value === undefined) return null;
  if (isList(value)) return value.map(plain);
  if (isMap(value))
    return Object.fromEntries(sortedEntries(value).map(([key, inner]) => [key, plain(inner)]));
  if (isStruct(value)) return Object.fromEntries(fieldsOf(value).map(([key, inner]) => [key, plain(inner)]));
  return value;
}
