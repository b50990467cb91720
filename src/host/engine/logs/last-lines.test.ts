import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastLines } from './last-lines.ts';

/** `o:` and `e:` are the streams, a `+` at the end is a piece of a line. */
function lastOf(limit: number, words: readonly string[]): string {
  const last = new LastLines(limit);
  for (const word of words) {
    const isWhole = !word.endsWith('+');
    const stream = word.startsWith('o') ? 'stdout' : 'stderr';
    last.add({ time: word, stream, isWhole, content: new Uint8Array(0) });
  }
  return last
    .lines()
    .map(({ time }) => time)
    .join(' ');
}

test('LastLines takes the pieces of a line as one, though another stream came between', () => {
  const log = ['o:0', 'e:1', 'o:2+', 'e:3', 'o:2'];
  assert.equal(lastOf(1, log), 'o:2+ o:2');
  assert.equal(lastOf(2, log), 'o:2+ e:3 o:2');
  assert.equal(lastOf(3, log), 'e:1 o:2+ e:3 o:2');
  assert.equal(lastOf(9, log), log.join(' '));
});

test('LastLines takes a line that is not ended yet as one, and nothing for 0', () => {
  assert.equal(lastOf(1, ['o:0', 'e:1', 'o:2+', 'o:2+']), 'o:2+ o:2+');
  assert.equal(lastOf(2, ['o:0', 'o:1+', 'e:2+']), 'o:1+ e:2+');
  assert.equal(lastOf(0, ['o:0', 'o:1+']), '');
});

test('LastLines of many lines keeps the last', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => `o:${index}`);
  assert.equal(lastOf(3, many), 'o:9997 o:9998 o:9999');
});
