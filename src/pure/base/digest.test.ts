import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chainIds, digestHex, digestOfHex, toDiffId, toDigest, type Digest } from './digest.ts';
import { invariant } from './errors.ts';

const A = `sha256:${'a'.repeat(64)}`;
const B = `sha256:${'b'.repeat(64)}`;
const C = `sha256:${'c'.repeat(64)}`;

test('toDigest() takes sha256 with 64 lower-case digits and nothing else', () => {
  assert.equal(toDigest(A), A);
  const wrong = [
    '',
    'a'.repeat(64),
    A.toUpperCase(),
    `${A}a`,
    A.slice(0, -1),
    `sha512:${'a'.repeat(128)}`,
    `${A}\n`,
    ` ${A}`,
  ];
  for (const text of wrong) assert.equal(toDigest(text), undefined, text);
});

test('digestHex() and digestOfHex() are each other’s inverse', () => {
  const digest = digestOfHex('a'.repeat(64));
  invariant(digest !== undefined, 'a digest');
  assert.equal(digest, A);
  assert.equal(digestHex(digest), 'a'.repeat(64));
});

test('chainIds() keeps the lowest DiffID and hashes each next one with the chain below it', () => {
  const diffIds = [A, B, C].map(toDiffId).filter((id) => id !== undefined);
  const asked: string[] = [];
  const chain = chainIds(diffIds, (text) => {
    asked.push(text);
    return `sha256:${String(asked.length).repeat(64)}` as Digest;
  });
  assert.deepEqual(chain, [A, `sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`]);
  assert.deepEqual(asked, [`${A} ${B}`, `sha256:${'1'.repeat(64)} ${C}`]);
});
