import { test } from 'node:test';
import assert from 'node:assert/strict';
import { fromBase64, toBase64 } from './base64.ts';

// RFC 4648 section 10, and what is beyond ASCII.
const PAIRS = [
  ['', ''],
  ['f', 'Zg=='],
  ['fo', 'Zm8='],
  ['foo', 'Zm9v'],
  ['foob', 'Zm9vYg=='],
  ['jane:päss€wörd😀', 'amFuZTpww6Rzc+KCrHfDtnJk8J+YgA=='],
] as const;

test('toBase64() and fromBase64() are each other, as RFC 4648 has it', () => {
  for (const [text, encoded] of PAIRS) {
    assert.equal(toBase64(text), encoded);
    assert.equal(fromBase64(encoded), text);
  }
  assert.equal(fromBase64(' Zm8\n'), 'fo');
});

test('fromBase64() refuses other alphabets, impossible lengths and bytes that are no UTF-8', () => {
  for (const text of ['a', 'abcde', 'Zm-v', 'Zm 9v', '=Zm9', '//79', 'gA==']) {
    assert.equal(fromBase64(text), undefined, text);
  }
});
