import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatJson, parseJson } from './json.ts';

test('parseJson() and formatJson() keep integers beyond 2^53 exact', () => {
  const text = '{"hard":18446744073709551615,"soft":1024,"deep":[9007199254740993,-9223372036854775808]}';
  assert.deepEqual(parseJson(text), {
    hard: 18446744073709551615n,
    soft: 1024,
    deep: [9007199254740993n, -9223372036854775808n],
  });
  assert.equal(formatJson(parseJson(text)), text);
});

test('formatJson() leaves strings that look like its own marks alone', () => {
  const value = { text: '\u000012\u0000', number: 18446744073709551615n };
  assert.deepEqual(parseJson(formatJson(value)), value);
});

test('parseJson() makes __proto__ an own property and no prototype', () => {
  const value = parseJson('{"__proto__":{"polluted":true},"n":18446744073709551615}') as Record<
    string,
    unknown
  >;
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.ok(Object.hasOwn(value, '__proto__'));
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});

test('parseJson() leaves fractions and exponents as doubles', () => {
  assert.deepEqual(parseJson('[1e300, 12345678901234567.5]'), [1e300, 12345678901234567.5]);
});
