import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installedDiffers } from './npm-packages.mjs';

const LOCKED = {
  '': { version: '1.0.0' },
  'node_modules/a': { version: '1.2.3' },
  'node_modules/a-for-another-system': { version: '1.2.3', optional: true },
};

test('installedDiffers() accepts what npm leaves out on this machine', () => {
  assert.equal(installedDiffers(LOCKED, { 'node_modules/a': { version: '1.2.3' } }), '');
});

test('installedDiffers() names a package of another version', () => {
  assert.equal(installedDiffers(LOCKED, { 'node_modules/a': { version: '1.2.4' } }), 'node_modules/a');
});

test('installedDiffers() names a missing package', () => {
  assert.equal(installedDiffers(LOCKED, {}), 'node_modules/a');
});
