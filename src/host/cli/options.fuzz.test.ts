// Any words for any flags: taken as the words say, or refused as a command line that makes no sense.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCortenError } from '../../pure/base/errors.ts';
import { damagedText } from '../../pure/base/testing/damage.ts';
import type { Dice } from '../../pure/base/testing/dice.ts';
import { fuzz } from '../../pure/base/testing/fuzz.ts';
import { parseOptions, type FlagKind, type FlagTable } from './options.ts';

const NAMES = [
  'detach',
  'd',
  'bundle',
  'env',
  'it',
  'interactive',
  'cap-add',
  'no-pivot',
  '__proto__x',
  'constructor',
];
const KINDS: readonly FlagKind[] = ['switch', 'text', 'list'];

function randomTable(dice: Dice): FlagTable {
  const entries = NAMES.filter(() => dice.below(3) > 0).map((name) => {
    const short = dice.below(2) === 0 ? {} : { short: dice.pick(['d', 'e', 'i', 't', 'h', 'b']) };
    return [name, { kind: dice.pick(KINDS), help: 'help', ...short }] as const;
  });
  return Object.fromEntries(entries);
}

function randomWord(dice: Dice): string {
  const name = dice.pick([...NAMES, 'unknown', '', 'toString', 'e', 'dit', 'i']);
  const word = `${dice.pick(['', '-', '--', '---'])}${name}${dice.pick(['', '=', '=false', '=x=y', 'VALUE'])}`;
  return dice.below(4) === 0 ? damagedText(dice, `${word} `).trim() : word;
}

test('words are taken as they stand, or refused by a code of the command line', () => {
  const { taken, rounds } = fuzz((dice) => {
    const table = randomTable(dice);
    const words = Array.from({ length: dice.below(6) }, () => randomWord(dice));
    try {
      const options = parseOptions(words, table);
      assert.deepEqual(options.rest, words.slice(words.length - options.rest.length), words.join(' '));
      for (const name of Object.keys(table)) {
        const values = options.list(name);
        assert.equal(options.text(name), values.at(-1));
        for (const value of values) {
          const isWord = value === 'true' || words.some((word) => word.endsWith(value));
          assert.ok(isWord, `${name}=${value} of ${words.join(' ')}`);
        }
      }
      return true;
    } catch (error) {
      if (!isCortenError(error)) throw error;
      assert.match(error.code, /^CLI_FLAG_/);
      return false;
    }
  });
  assert.ok(rounds === 1 || taken > 0, `${rounds} rounds, ${taken} taken`);
});
