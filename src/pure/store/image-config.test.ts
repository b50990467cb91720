import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseImageConfig } from './image-config.ts';

const DIFF_ID = `sha256:${'a'.repeat(64)}`;
const MINIMAL = { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [DIFF_ID] } };

function parseWith(change: object) {
  return parseImageConfig(JSON.stringify({ ...MINIMAL, ...change }));
}

test('parseImageConfig() takes a configuration without `config` as one of empty fields', () => {
  const { config, diffIds, created } = parseWith({});
  assert.deepEqual(diffIds, [DIFF_ID]);
  assert.equal(created, undefined);
  assert.deepEqual([config.User, config.Env, config.Entrypoint, config.Labels.size], ['', [], [], 0]);
});

test('parseImageConfig() takes null where Docker writes it', () => {
  const { config } = parseWith({ config: { Entrypoint: null, Cmd: ['sh'], Labels: null, Volumes: null } });
  assert.deepEqual([config.Entrypoint, config.Cmd, config.Volumes], [[], ['sh'], []]);
});

test('parseImageConfig() keeps labels called __proto__ and constructor as labels', () => {
  const text = JSON.stringify({ ...MINIMAL, config: { Labels: 1 } }).replace(
    '1}',
    '{"__proto__":"x","constructor":"y"}}',
  );
  const { Labels } = parseImageConfig(text).config;
  assert.deepEqual(
    [...Labels],
    [
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ],
  );
});

test('parseImageConfig() takes no field from __proto__', () => {
  const text = JSON.stringify(MINIMAL).replace(
    '{',
    '{"__proto__":{"config":{"User":"root"}},"config":{"__proto__":{"User":"x"}},',
  );
  assert.equal(parseImageConfig(text).config.User, '');
});

const BAD: readonly (readonly [object, RegExp])[] = [
  [{ os: 1 }, /Field os of the image configuration is not a string/],
  [{ architecture: undefined }, /Field architecture .* is missing/],
  [{ rootfs: undefined }, /Field rootfs .* is missing/],
  [{ rootfs: [] }, /Field rootfs .* is not an object/],
  [{ rootfs: { type: 'tar', diff_ids: [] } }, /rootfs\.type .* is not "layers"/],
  [{ rootfs: { type: 'layers', diff_ids: ['sha256:1'] } }, /rootfs\.diff_ids\[0\] .* is no sha256 digest/],
  [{ rootfs: { type: 'layers', diff_ids: new Array(500).fill(DIFF_ID) } }, /more than 499/],
  [{ config: { Env: 'A=b' } }, /config\.Env .* is not an array/],
  [{ config: { Env: [1] } }, /config\.Env\[0\] .* is not a string/],
  [{ config: { Cmd: ['a', 'b\0c'] } }, /config\.Cmd\[1\] .* has a NUL character/],
  [{ config: { Labels: { a: 1 } } }, /config\.Labels\["a"\] .* is not a string/],
];

test('parseImageConfig() names the field that is wrong', () => {
  for (const [change, message] of BAD) {
    assert.throws(() => parseWith(change), { message });
    assert.throws(() => parseWith(change), { code: 'IMAGE_CONFIG_INVALID' });
  }
});

test('parseImageConfig() refuses what is no JSON object', () => {
  for (const text of ['', '{', '[]', 'null', '"x"', '['.repeat(200_000)]) {
    assert.throws(() => parseImageConfig(text), { code: 'IMAGE_CONFIG_INVALID' });
  }
});
