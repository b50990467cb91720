import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitsFrom } from './corten-limits.ts';
import { parseVolume } from './settings/parse-volume.ts';
import { DETACH_KEYS_FLAG, detachKeysFrom } from './detach-keys-flag.ts';
import { DetachKeys } from './detach-keys.ts';
import { sizeText } from '../../pure/base/size-text.ts';
import { ageOf } from './human-time.ts';
import { parseOptions, type FlagTable } from './options.ts';

const FLAGS: FlagTable = {
  memory: { kind: 'text', help: '' },
  cpus: { kind: 'text', help: '' },
  'pids-limit': { kind: 'text', help: '' },
};

function limits(...words: readonly string[]): ReturnType<typeof limitsFrom> {
  return limitsFrom(parseOptions(words, FLAGS));
}

test('limitsFrom() reads sizes and numbers, zero as no limit', () => {
  assert.deepEqual(limits('--memory', '64m', '--cpus', '1.5', '--pids-limit', '9'), {
    memory: 64 << 20,
    nanoCpus: 1.5e9,
    pids: 9,
  });
  for (const [text, memory] of [
    ['8388608', 8 << 20],
    ['8192k', 8 << 20],
    ['1.5g', 1.5 * 2 ** 30],
    ['8MB', 8 << 20],
    ['8MiB', 8 << 20],
  ] as const) {
    assert.equal(limits('--memory', text).memory, memory, text);
  }
  assert.deepEqual(limits('--memory', '0', '--cpus', '0', '--pids-limit', '-1'), {});
  for (const word of [
    '--memory=1m',
    '--memory=-5',
    '--memory=m',
    '--memory=9e9',
    '--memory=99999999p',
    '--cpus=',
    '--cpus=a',
    '--cpus=-1',
    '--cpus=.',
    '--pids-limit=1.5',
    '--pids-limit=x',
  ]) {
    assert.throws(() => limits(word), { code: 'CLI_ARGUMENTS' }, word);
  }
});

test('parseVolume() reads a bind mount, and refuses what is none', () => {
  assert.deepEqual(parseVolume('/a:/b'), {
    type: 'bind',
    source: '/a',
    destination: '/b',
    isReadOnly: false,
    propagation: 'rprivate',
    mode: '',
  });
  assert.deepEqual(parseVolume('/a:/b//c/./:ro,Z,rslave'), {
    type: 'bind',
    source: '/a',
    destination: '/b/c',
    isReadOnly: true,
    propagation: 'rslave',
    mode: 'ro,Z,rslave',
  });
  for (const text of ['', 'a', '/a:b', '/a:/', '/a:/b/../c', '/a:/b:wo', '/a:/b:ro:x']) {
    assert.throws(() => parseVolume(text), { code: 'CLI_ARGUMENTS' }, text);
  }
});

test('DetachKeys wants ctrl-p and ctrl-q one after the other, in one read or in two', () => {
  const of = (...pieces: readonly (readonly number[])[]): number => {
    const keys = new DetachKeys();
    return pieces.map((piece) => keys.find(new Uint8Array(piece))).at(-1) ?? -1;
  };
  assert.equal(of([97, 0x10, 0x11, 98]), 2);
  assert.equal(of([0x10], [0x11]), 0);
  assert.equal(of([0x10, 0x10, 0x11]), 2);
  assert.equal(of([0x10, 97, 0x11]), -1);
  assert.equal(of([0x11, 0x10]), -1);
});

test('DetachKeys finds any sequence, and none where there is none', () => {
  assert.equal(new DetachKeys([97, 98, 97]).find(new Uint8Array([97, 98, 98, 97, 98, 97])), 5);
  assert.equal(new DetachKeys([1]).find(new Uint8Array([2, 1])), 1);
  assert.equal(new DetachKeys([]).find(new Uint8Array([0x10, 0x11])), -1);
  const keys = (text: string): readonly number[] | undefined =>
    detachKeysFrom(parseOptions(['--detach-keys', text], { 'detach-keys': DETACH_KEYS_FLAG }));
  assert.deepEqual(['ctrl-p,ctrl-q', 'a,ctrl-@', 'ctrl-[', ''].map(keys), [[16, 17], [97, 0], [27], []]);
  for (const text of ['ab', 'ctrl-1', 'a,', 'alt-x'])
    assert.throws(() => keys(text), { code: 'CLI_ARGUMENTS' });
});

test('ages and sizes are words', () => {
  const age = (seconds: number): string =>
    ageOf('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:00:00Z') + seconds * 1000);
  assert.deepEqual(
    [0, 1, 59, 90, 120, 3600, 7300, 100_000, 86400 * 3, 86400 * 20, 86400 * 90, 86400 * 800].map(age),
    [
      'Less than a second',
      '1 second',
      '59 seconds',
      'About a minute',
      '2 minutes',
      'About an hour',
      '2 hours',
      '28 hours',
      '3 days',
      '2 weeks',
      '3 months',
      '2 years',
    ],
  );
  assert.equal(age(-5), 'Less than a second');
  assert.deepEqual(
    [0, 999, 1000, 1_234_567, 77_800_000, 5e9].map((bytes) => sizeText(bytes)),
    ['0B', '999B', '1kB', '1.23MB', '77.8MB', '5GB'],
  );
});
