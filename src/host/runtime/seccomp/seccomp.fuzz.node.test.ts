// Damaged and foolish profiles: the parser and the compiler refuse by a field's name, or give what a kernel takes.

import '../trial/seccomp/host.node.ts';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isCortenError } from '../../../pure/base/errors.ts';
import { formatJson, parseJson, type Json } from '../../../pure/base/json.ts';
import { assertValid } from '../trial/seccomp/bpf.ts';
import { damagedText, foolishValue } from '../../../pure/base/testing/damage.ts';
import { fuzz } from '../../../pure/base/testing/fuzz.ts';
import { randomProfile } from '../trial/seccomp/profiles.node.ts';
import { compileSeccomp } from './compile.ts';
import { parseSeccomp } from './parse.ts';

const CORPUS = new URL('../trial/seccomp/corpus/', import.meta.url);

const corpus = readdirSync(CORPUS).map((name) => readFileSync(new URL(name, CORPUS), 'utf8'));

/** Whether it is a profile; anything but a refusal by name is a failure. */
function take(value: Json | undefined, what: string): boolean {
  try {
    const seccomp = parseSeccomp(value, 'linux.seccomp');
    if (seccomp === undefined) return false;
    const { program, flags, listener } = compileSeccomp(seccomp, { arch: 'x86_64' });
    assertValid(program);
    assert.ok(Number.isInteger(flags) && flags >= 0 && flags < 64, `flags ${flags}`);
    assert.equal((flags & 8) !== 0, listener !== undefined, 'a listener where calls wait');
    return true;
  } catch (error) {
    if (isCortenError(error)) {
      assert.equal(error.code, 'SPEC_INVALID', what);
      assert.match(error.message, /^The field linux\.seccomp[.\w[\]]* (must|makes|has) /, what);
      return false;
    }
    throw new Error(what, { cause: error });
  }
}

test('the corpus is taken or refused as its files’ names say', () => {
  for (const name of readdirSync(CORPUS)) {
    const text = readFileSync(new URL(name, CORPUS), 'utf8');
    assert.equal(take(parseJson(text), name), name.startsWith('good-'), name);
  }
});

test('profiles with damaged bytes and with foolish values are refused by name or compile', () => {
  const { taken, rounds } = fuzz((dice) => {
    const source = dice.below(3) > 0 ? dice.pick(corpus) : formatJson(randomProfile(dice));
    const value =
      dice.below(2) === 0 ? parsed(damagedText(dice, source)) : foolishValue(dice, parseJson(source));
    return value !== undefined && take(value, formatJson(value));
  });
  assert.ok(rounds === 1 || (rounds > 100 && taken > 0), `${rounds} rounds, ${taken} taken`);
});

/** What is no JSON any more is another parser's affair. */
function parsed(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
