import { equalsAny, isLess, isSame } from './compare.ts';
import { executionError } from './errors.ts';
import { jsonOf, textOf } from './text-of.ts';
import { escapeHtml, escapeJs, escapeQuery } from './escape.ts';
import { printf } from './printf.ts';
import { toUtf8, utf8Slice } from './utf8.ts';
import { isEmpty, isList, isMap, isStruct, isTrue, typeName, type Value } from './values.ts';

type TemplateFunction = (...args: readonly Value[]) => Value;

/** Go's own functions and docker's; `and` and `or` are the evaluator's, since they need not evaluate all. */
export const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['not', (value) => !isTrue(value)],
  ['len', lengthOf],
  ['index', (item, ...keys) => keys.reduce(indexOf, item)],
  ['slice', sliceOf],
  ['print', (...args) => print(args)],
  ['printf', (format, ...args) => printf(text(format), args)],
  ['println', (...args) => `${args.map(textOf).join(' ')}\n`],
  ['html', (...args) => escapeHtml(print(args))],
  ['js', (...args) => escapeJs(print(args))],
  ['urlquery', (...args) => escapeQuery(print(args))],
  ['call', call],
  ['eq', (first, ...others) => equalsAny(first, others)],
  ['ne', (a, b) => !isSame(a, b)],
  ['lt', isLess],
  ['le', (a, b) => isLess(a, b) || isSame(a, b)],
  ['gt', (a, b) => isLess(b, a)],
  ['ge', (a, b) => isLess(b, a) || isSame(a, b)],
  ['json', jsonOf],
  ['split', (value, separator) => text(value).split(text(separator))],
  ['join', (list, separator) => listOf(list).map(textOf).join(text(separator))],
  ['title', (value) => text(value).replace(/(?<![\p{L}\p{N}_'])\p{L}/gu, upperLetter)],
  ['lower', (value) => text(value).toLowerCase()],
  ['upper', (value) => Array.from(text(value)).map(upperLetter).join('')],
  ['pad', (value, before, after) => `${' '.repeat(count(before))}${text(value)}${' '.repeat(count(after))}`],
  ['truncate', (value, length) => Array.from(text(value)).slice(0, count(length)).join('')],
]);

const LAZY: ReadonlySet<string> = new Set(['and', 'or']);

export function isFunction(name: string): boolean {
  return FUNCTIONS.has(name) || LAZY.has(name);
}

/** Go changes a letter into one letter, never into two. */
function upperLetter(letter: string): string {
  const upper = letter.toUpperCase();
  return Array.from(upper).length === 1 ? upper : letter;
}

/** fmt.Sprint: a blank between two that are no texts. */
function print(args: readonly Value[]): string {
  return args
    .map((value, index) => {
      const before = args[index - 1];
      const isApart = index > 0 && typeof value !== 'string' && typeof before !== 'string';
      return `${isApart ? ' ' : ''}${textOf(value)}`;
    })
    .join('');
}

function lengthOf(value: Value): number {
  if (isEmpty(value)) return 0;
  if (isList(value)) return value.length;
  if (isMap(value)) return value.size;
  if (typeof value === 'string') return toUtf8(value).length;
  throw executionError(`a ${typeName(value)} has no length`);
}

/** One step of `index`: a map gives nothing for a key that it hasn't. */
function indexOf(item: Value, key: Value): Value {
  if (isMap(item)) return item.has(text(key)) ? item.get(text(key)) : zeroOf(item);
  if (isStruct(item)) {
    if (Object.hasOwn(item, text(key))) return item[text(key)];
    throw executionError(`there is no field ${JSON.stringify(key)}`);
  }
  if (isEmpty(item) && item.text === 'map[]') return '';
  if (isList(item) || isEmpty(item) || typeof item === 'string') {
    const list = isEmpty(item) ? [] : typeof item === 'string' ? toUtf8(item) : item;
    if (typeof key !== 'number') throw executionError(`${textOf(key)} is no number to index a list with`);
    if (Number.isInteger(key) && key >= 0 && key < list.length) return list[key];
    throw executionError(`the index ${textOf(key)} is out of range`);
  }
  throw executionError(`a ${typeName(item)} can't be indexed`);
}

/** What Go has for a key that isn't there: of a map of texts an empty one. */
function zeroOf(map: ReadonlyMap<string, Value>): Value {
  const [first] = map.values();
  return first === undefined || typeof first === 'string' ? '' : isList(first) ? [] : null;
}

function sliceOf(item: Value, ...bounds: readonly Value[]): Value {
  const length = lengthOf(item);
  const [start = 0, end = length] = bounds.map((bound) => count(bound));
  if (start > end || end > length) throw executionError(`the slice from ${start} to ${end} is out of range`);
  if (typeof item === 'string') return utf8Slice(item, start, end);
  return listOf(item).slice(start, end);
}

function call(method: Value, ...args: readonly Value[]): Value {
  if (typeof method === 'function') return method(...args);
  throw executionError(`a ${typeName(method)} can't be called`);
}

function text(value: Value): string {
  if (typeof value === 'string') return value;
  throw executionError(`a text is wanted, not a ${typeName(value)}`);
}

function count(value: Value): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw executionError(`a whole number is wanted, not ${textOf(value)}`);
}

function listOf(value: Value): readonly Value[] {
  if (isEmpty(value)) return [];
  if (isList(value)) return value;
  throw executionError(`a list is wanted, not a ${typeName(value)}`);
}
