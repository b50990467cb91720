import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HealthSetting } from '../run-settings.ts';
import type { Health, HealthCheck } from './health-file.ts';
import { judge } from './judge.ts';
import { resolveHealth } from './resolve-health.chunk.ts';

const SETTING: HealthSetting = {
  test: ['CMD-SHELL', 'true'],
  interval: 1000,
  timeout: 1000,
  startPeriod: 5000,
  startInterval: 100,
  retries: 2,
};
const STARTED = '2026-01-01T00:00:00.000Z';
const NEW: Health = { status: 'starting', failures: 0, of: STARTED, log: [] };

function check(second: number, exitCode: number): HealthCheck {
  const start = new Date(Date.parse(STARTED) + second * 1000).toISOString();
  return { start, end: start, exitCode, output: '' };
}

test('failures in the start period do not count, and later ones do once there are enough in a row', () => {
  const early = judge(NEW, check(1, 1), SETTING);
  assert.deepEqual([early.health.status, early.health.failures, early.isStarting], ['starting', 0, true]);
  const first = judge(early.health, check(6, 1), SETTING);
  assert.deepEqual([first.health.status, first.health.failures, first.isStarting], ['starting', 1, false]);
  const second = judge(first.health, check(7, -1), SETTING);
  assert.equal(second.health.status, 'unhealthy');
  const mended = judge(second.health, check(8, 0), SETTING);
  assert.deepEqual([mended.health.status, mended.health.failures], ['healthy', 0]);
  assert.equal(judge(mended.health, check(9, 1), SETTING).health.status, 'healthy');
});

test('a success ends the start period, and the last five checks are kept', () => {
  let { health } = judge(NEW, check(1, 0), SETTING);
  assert.equal(health.status, 'healthy');
  health = judge(health, check(2, 1), SETTING).health;
  assert.equal(health.failures, 1);
  for (let second = 3; second < 12; second++) health = judge(health, check(second, 0), SETTING).health;
  assert.equal(health.log.length, 5);
});

test("resolveHealth() takes the user's word before the image's, and Docker's where neither says anything", () => {
  const image = {
    Test: ['CMD', 'check'],
    Interval: 2e9,
    Timeout: 0,
    StartPeriod: 0,
    StartInterval: 0,
    Retries: 7,
  };
  assert.deepEqual(resolveHealth({ interval: 1500 }, image), {
    test: ['CMD', 'check'],
    interval: 1500,
    timeout: 30_000,
    startPeriod: 0,
    startInterval: 5000,
    retries: 7,
  });
  assert.equal(resolveHealth({ test: ['NONE'] }, image), undefined);
  assert.equal(resolveHealth(undefined, undefined), undefined);
  assert.throws(() => resolveHealth({ interval: 1 }, undefined), { code: 'ENGINE_HEALTH_INVALID' });
});
