import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkName, randomName } from './container-name.ts';
import { randomId } from './random.ts';

test('checkName() takes letters, digits and _ . - and refuses what could be a path', () => {
  for (const name of ['a', 'web-1', 'A_b.c', '0']) checkName(name);
  for (const name of ['', '.', '..', 'a/b', '-a', '_a', 'a b', 'ä', 'x'.repeat(129), 'a\n']) {
    assert.throws(() => checkName(name), { code: 'ENGINE_NAME_INVALID' }, JSON.stringify(name));
  }
});

test('randomName() makes names that are valid, and not all the same', () => {
  const names = Array.from({ length: 50 }, (_, index) => randomName(index % 2 === 0));
  for (const name of names) checkName(name);
  assert.match(names[1] ?? '', /^[a-z]+_[a-z]+$/);
  assert.ok(new Set(names).size > 40);
  assert.match(randomId(), /^[0-9a-f]{64}$/);
});
