// Documents as nobody should write them.

import type { Json, JsonObject } from '../json.ts';
import type { Dice } from './dice.ts';

/** A few bytes removed, doubled or exchanged. */
export function damagedText(dice: Dice, text: string): string {
  let result = text;
  for (let n = dice.below(4); n >= 0; n--) {
    const at = dice.below(result.length);
    const length = dice.pick([1, 1, 2, 10, 100]);
    const piece = result.slice(at, at + length);
    const replacement = dice.pick([
      '',
      `${piece}${piece}`,
      '0',
      '"',
      '-1',
      '[]',
      'null',
      '99999999999999999999',
      ',',
    ]);
    result = result.slice(0, at) + replacement + result.slice(at + length);
  }
  return result;
}

const FOOLISH: readonly Json[] = [
  null,
  true,
  '',
  'x',
  '\0',
  '__proto__',
  'SCMP_ACT_NOTIFY',
  'SCMP_CMP_MASKED_EQ',
  'write',
  -1,
  0,
  1.5,
  65536,
  2 ** 53,
  2n ** 64n,
  2n ** 64n - 1n,
  -(2n ** 63n),
  [],
  {},
  [[]],
  [{}],
];

/** Some bytes changed, left out, doubled, or cut off at the end. */
export function damagedBytes(dice: Dice, source: Uint8Array): Uint8Array {
  let result = [...source];
  for (let n = dice.below(4); n >= 0; n--) {
    const at = dice.below(result.length + 1);
    const length = dice.pick([1, 1, 4, 30]);
    const piece = result.slice(at, at + length);
    const noise = Array.from({ length }, () => dice.below(256));
    const changed = dice.pick([[], [...piece, ...piece], noise, [0], [0xff], [10], [...piece, ...noise]]);
    result = [...result.slice(0, at), ...changed, ...result.slice(at + length)];
    if (dice.below(6) === 0) result = result.slice(0, dice.below(result.length + 1));
  }
  return Uint8Array.from(result);
}

/** One or two values somewhere in the document exchanged for others, left out or doubled. */
export function foolishValue(dice: Dice, value: Json): Json {
  let result = value;
  for (let n = dice.below(2); n >= 0; n--) result = exchanged(dice, result);
  return result;
}

function exchanged(dice: Dice, value: Json): Json {
  const isLeaf = typeof value !== 'object' || value === null || Object.keys(value).length === 0;
  if (isLeaf || dice.below(12) === 0) return dice.pick(FOOLISH);
  if (isList(value)) {
    const at = dice.below(value.length);
    const item = value[at] ?? null;
    return dice.pick([
      () => value.toSpliced(at, 1, item, item),
      () => value.toSpliced(at, 1),
      () => value.with(at, exchanged(dice, item)),
      () => value.with(at, exchanged(dice, item)),
    ])();
  }
  const record = value as JsonObject;
  const key = dice.pick(Object.keys(record));
  const { [key]: item, ...others } = record;
  return dice.below(6) === 0 ? others : { ...others, [key]: exchanged(dice, item ?? null) };
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
