import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestOf } from './nearest.ts';
import { lineOfKey } from './toml-lines.ts';

test('nearestOf() forgives letters that are missing, swapped or wrong, and no more than a third', () => {
  const known = ['store.root', 'store.run', 'registries.search'];
  assert.equal(nearestOf('store.rot', known), 'store.root');
  assert.equal(nearestOf('store.rnu', known), 'store.run');
  assert.equal(nearestOf('registry.search', known), 'registries.search');
  assert.equal(nearestOf('anything', known), undefined);
});

test('lineOfKey() finds keys below tables, with dots, quoted and within inline tables', () => {
  const text =
    '# root = 1\n[store]\nroot = "a"\n\n[a."b.c"] # x\nd = 1\ne.f = 2\ng = { h = 3 }\n[[list]]\nroot = 1\n';
  assert.equal(lineOfKey(text, ['store', 'root']), 3);
  assert.equal(lineOfKey(text, ['a', 'b.c', 'd']), 6);
  assert.equal(lineOfKey(text, ['a', 'b.c', 'e', 'f']), 7);
  assert.equal(lineOfKey(text, ['a', 'b.c', 'g', 'h']), 8);
  assert.equal(lineOfKey(text, ['none']), 1);
});
