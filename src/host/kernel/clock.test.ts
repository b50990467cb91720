import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monotonicMs, secondsText, timestamp } from './clock.ts';

test('secondsText() writes what Date writes, for every day of five centuries', () => {
  for (let day = 0; day < 183_000; day++) {
    const seconds = day * 86400 + ((day * 7919) % 86400);
    const expected = new Date(seconds * 1000).toISOString().slice(0, 19);
    if (secondsText(seconds) !== expected) assert.equal(secondsText(seconds), expected);
  }
  assert.equal(secondsText(951_782_399), '2000-02-28T23:59:59');
});

test('timestamp() is the time of day with nanoseconds', () => {
  const before = Date.now();
  const text = timestamp();
  assert.match(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
  const moment = Date.parse(text);
  assert.ok(moment >= before && moment <= Date.now());
});

test('monotonicMs() never goes back', () => {
  const first = monotonicMs();
  assert.ok(monotonicMs() >= first && first > 0);
});
