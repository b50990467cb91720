// Names and documents of images as strangers write them: parsed, or refused by a field's name.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCortenError } from '../base/errors.ts';
import { formatJson, parseJson } from '../base/json.ts';
import { damagedText, foolishValue } from '../base/testing/damage.ts';
import { fuzz } from '../base/testing/fuzz.ts';
import { parseImageConfig } from './image-config.ts';
import { formatReference, parseReference, shortReference } from './reference.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const CONFIG = formatJson({
  os: 'linux',
  architecture: 'arm64',
  variant: 'v8',
  created: '2026-01-01T00:00:00Z',
  config: {
    User: '1:2',
    Env: ['A=b'],
    Entrypoint: ['/e'],
    Cmd: ['c'],
    WorkingDir: '/w',
    StopSignal: 'TERM',
    Labels: { a: 'b', __proto__x: 'c' },
    ExposedPorts: { '80/tcp': {} },
    Volumes: { '/v': {} },
  },
  history: [{ created: '2026-01-01T00:00:00Z', created_by: 'RUN x', empty_layer: true, comment: 'c' }],
  rootfs: { type: 'layers', diff_ids: [DIGEST, DIGEST] },
});
const NAMES = [
  'hello',
  'docker.io/library/hello:latest',
  `localhost:5000/a/b__c-d@${DIGEST}`,
  '[::1]:80/x:y',
  'index.docker.io/x/y',
];

function isTaken(text: string, parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    if (!isCortenError(error)) throw new Error(JSON.stringify(text), { cause: error });
    assert.equal(error.kind, 'invalid_argument', text);
    return false;
  }
}

test('configurations of images', () => {
  const { taken, rounds } = fuzz((dice) => {
    const text =
      dice.below(2) === 0 ? damagedText(dice, CONFIG) : formatJson(foolishValue(dice, parseJson(CONFIG)));
    return isTaken(text, () => parseImageConfig(text));
  });
  assert.ok(rounds === 1 || taken > 0, `${rounds} rounds, ${taken} taken`);
});

test('a name that is taken is the same when it is written out and read again', () => {
  const { taken, rounds } = fuzz((dice) => {
    const text = damagedText(dice, dice.pick(NAMES));
    return isTaken(text, () => {
      const full = formatReference(parseReference(text));
      assert.equal(formatReference(parseReference(full)), full, text);
      assert.equal(formatReference(parseReference(shortReference(full))), full, text);
    });
  });
  assert.ok(rounds === 1 || taken > 0, `${rounds} rounds, ${taken} taken`);
});
