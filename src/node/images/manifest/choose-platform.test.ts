import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '../../../pure/base/digest.ts';
import type { IndexEntry } from '../../../pure/spec/image.ts';
import { choosePlatform, parsePlatform, requirePlatform } from './choose-platform.ts';

const HOST = { os: 'linux', architecture: 'amd64' };

type Parts = readonly [os: string, architecture: string, variant?: string, osVersion?: string];

function entry(...[os, architecture, variant, osVersion]: Parts): IndexEntry {
  const digest = [os, architecture, variant, osVersion].join(' ') as Digest;
  return {
    mediaType: 'm',
    digest,
    size: 1,
    annotations: new Map(),
    platform: { os, architecture, variant, osVersion },
  };
}

function chosen(entries: readonly IndexEntry[], wanted: string): string {
  return requirePlatform(entries, parsePlatform(wanted, HOST), 'The index x').digest.trim();
}

test('parsePlatform() takes what people write', () => {
  const read = (text: string) => {
    const { os, architecture, variant, osVersion } = parsePlatform(text, HOST);
    return [os, architecture, variant, osVersion];
  };
  assert.deepEqual(read('linux/arm/v7'), ['linux', 'arm', 'v7', undefined]);
  assert.deepEqual(read('aarch64'), ['linux', 'arm64', undefined, undefined]);
  assert.deepEqual(read('LINUX/x86_64'), ['linux', 'amd64', undefined, undefined]);
  assert.deepEqual(read('windows'), ['windows', 'amd64', undefined, undefined]);
  assert.deepEqual(read('windows(10.0.17763)/amd64'), ['windows', 'amd64', undefined, '10.0.17763']);
  for (const text of ['', 'a/b/c/d', 'linux/', '/amd64', 'lin ux']) {
    assert.throws(() => parsePlatform(text, HOST), { code: 'PLATFORM_INVALID' }, text);
  }
});

test('requirePlatform() takes the highest variant that runs, and the version that begins so', () => {
  const arms = [entry('linux', 'arm', 'v5'), entry('linux', 'arm', 'v7'), entry('linux', 'arm', 'v6')];
  assert.equal(chosen(arms, 'linux/arm'), 'linux arm v7');
  assert.equal(chosen(arms, 'linux/arm/v6'), 'linux arm v6');
  assert.equal(chosen([entry('linux', 'arm64', 'v8'), ...arms], 'arm64'), 'linux arm64 v8');
  assert.equal(chosen([entry('linux', 'amd64', 'v3'), entry('linux', 'amd64')], 'amd64'), 'linux amd64');
  const windows = [
    entry('windows', 'amd64', undefined, '10.0.17763.1'),
    entry('windows', 'amd64', undefined, '10.0.20348.2'),
  ];
  assert.equal(chosen(windows, 'windows(10.0.20348)/amd64'), 'windows amd64  10.0.20348.2');
  assert.throws(() => chosen(arms, 'linux/arm/v4'), /has no image for linux\/arm\/v4, but linux\/arm\/v5, /);
  assert.throws(() => chosen([entry('unknown', 'unknown')], 'amd64'), /but none at all/);
});

test('choosePlatform() takes a single image whatever it is for', () => {
  const [arm, attestation] = [entry('linux', 'arm'), entry('unknown', 'unknown')];
  assert.equal(choosePlatform([arm, attestation], HOST, 'x'), arm);
  assert.throws(() => choosePlatform([arm, arm], HOST, 'x'), /has no image for linux\/amd64/);
});
