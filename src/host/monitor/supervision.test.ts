import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextRestart, type RestartPolicy } from './supervision.ts';

const ALWAYS: RestartPolicy = { name: 'always', most: 0, stopSignal: 15, restarts: 0, delay: 0 };

test('nextRestart() waits twice as long each time, up to a minute, and anew after a good run', () => {
  const delays: number[] = [];
  let policy = ALWAYS;
  for (let round = 0; round < 12; round++) {
    const next = nextRestart(policy, { code: 1, ranFor: 5 });
    assert.ok(next !== undefined);
    delays.push(next.delay);
    policy = next;
  }
  assert.deepEqual(delays.slice(0, 4), [100, 200, 400, 800]);
  assert.equal(delays.at(-1), 60_000);
  assert.equal(policy.restarts, 12);
  assert.equal(nextRestart(policy, { code: 0, ranFor: 10_000 })?.delay, 100);
});

test('on-failure restarts after failures alone, and no more often than it may', () => {
  const policy: RestartPolicy = { ...ALWAYS, name: 'on-failure', most: 2 };
  assert.equal(nextRestart(policy, { code: 0, ranFor: 5 }), undefined);
  assert.equal(nextRestart(policy, { code: 3, ranFor: 5 })?.restarts, 1);
  assert.equal(nextRestart({ ...policy, restarts: 2 }, { code: 3, ranFor: 5 }), undefined);
});
