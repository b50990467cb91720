import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseChallenges } from './challenge.ts';

function shapesOf(header: string): readonly unknown[] {
  return parseChallenges(header).map(({ scheme, parameters }) => [scheme, ...parameters]);
}

test('parseChallenges() reads quoted and plain parameters of several schemes', () => {
  assert.deepEqual(shapesOf('Bearer realm="https://a/token",service=a.b,scope="repository:x:pull,push"'), [
    ['bearer', ['realm', 'https://a/token'], ['service', 'a.b'], ['scope', 'repository:x:pull,push']],
  ]);
  assert.deepEqual(shapesOf(String.raw`Basic realm="a \"b\"", charset="UTF-8", BEARER Realm=c`), [
    ['basic', ['realm', 'a "b"'], ['charset', 'UTF-8']],
    ['bearer', ['realm', 'c']],
  ]);
  assert.deepEqual(shapesOf('Negotiate'), [['negotiate']]);
});

test('parseChallenges() ends at what makes no sense, in a time that does not depend on it', () => {
  assert.deepEqual(shapesOf(''), []);
  assert.deepEqual(shapesOf(',,,='), []);
  assert.deepEqual(shapesOf('Bearer realm="never ends'), [['bearer']]);
  assert.deepEqual(shapesOf(`Bearer ${' '.repeat(1 << 20)}`), [['bearer']]);
  assert.ok(parseChallenges('a '.repeat(1 << 20)).length <= 8192);
});
