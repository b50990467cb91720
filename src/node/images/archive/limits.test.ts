import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCortenError } from '../../../pure/base/errors.ts';
import { checkInflated, layerLimits } from './limits.ts';

const GIB = 2 ** 30;

function isRefused(inflated: number, taken: number, text?: string): boolean {
  try {
    checkInflated({ name: 'The layer x', inflated, taken }, layerLimits(text));
    return false;
  } catch (error) {
    return (
      isCortenError(error) && error.code === 'ARCHIVE_TOO_LARGE' && error.message.includes('The layer x')
    );
  }
}

test('a layer may have 128 GiB, and 2000 times what it takes compressed, unless settings say otherwise', () => {
  assert.equal(isRefused(128 * GIB, GIB), false);
  assert.equal(isRefused(128 * GIB + 1, GIB), true);
  assert.equal(isRefused(2 * GIB, 2 * GIB), false);
  assert.equal(isRefused(2 * GIB, GIB / 1000 - 1), true);
  assert.equal(isRefused(GIB, 1), false, 'what is small endangers nothing');
  assert.equal(isRefused(3 * GIB, 2 * GIB, '2,10,5'), true);
  assert.equal(isRefused(2 * GIB, GIB / 5 - 1, '2,10,5'), true);
  assert.equal(isRefused(2 * GIB, GIB / 5, '2,10,5'), false);
  assert.equal(layerLimits('2,10,5').entries, 5);
});
