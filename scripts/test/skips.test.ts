import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipFaults } from './skips.mjs';

const SLEEPS = { test: 'a.test.ts: sleeps', reason: 'Needs a bed' };

test('skipFaults() finds nothing when each skipped test is committed with a reason', () => {
  const run = { skipped: [SLEEPS.test], seen: [SLEEPS.test], isWholeRun: true };
  assert.deepEqual(skipFaults([SLEEPS], run), []);
});

test('skipFaults() names a skipped test that nobody committed', () => {
  const run = { skipped: ['a.test.ts: new'], seen: ['a.test.ts: new'], isWholeRun: true };
  assert.deepEqual(skipFaults([], run), ['Skipped, but not in test/skips.json: a.test.ts: new']);
});

test('skipFaults() names a committed skip whose test is gone, unless only some suites ran', () => {
  const gone = ['In test/skips.json, but there is no such test: a.test.ts: sleeps'];
  assert.deepEqual(skipFaults([SLEEPS], { skipped: [], seen: [], isWholeRun: true }), gone);
  assert.deepEqual(skipFaults([SLEEPS], { skipped: [], seen: [], isWholeRun: false }), []);
});

test('skipFaults() refuses a skip without a reason', () => {
  const run = { skipped: [SLEEPS.test], seen: [SLEEPS.test], isWholeRun: true };
  const bare = { test: SLEEPS.test, reason: '' };
  assert.deepEqual(skipFaults([bare], run), ['In test/skips.json without a reason: a.test.ts: sleeps']);
});
