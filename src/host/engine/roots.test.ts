import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placesOf, rootsFrom, rootsOf } from './roots.ts';

test('rootsFrom() takes absolute paths from the variables, and its own where there are none', () => {
  assert.deepEqual(rootsFrom([]), { store: '/var/lib/corten', run: '/run/corten' });
  assert.deepEqual(rootsFrom(['CORTEN_ROOT=/a/b//', 'CORTEN_RUN=']), { store: '/a/b', run: '/run/corten' });
  assert.throws(() => rootsFrom(['CORTEN_RUN=run']), /CORTEN_RUN must be an absolute path, not "run"/);
});

test('placesOf() keeps what lasts in the store and what does not in the other', () => {
  assert.deepEqual(placesOf({ store: '/s', run: '/r' }, 'abc', 'one'), {
    id: 'abc',
    name: 'one',
    directory: '/s/containers/abc',
    runtimeRoot: '/r/runt',
    names: '/s/names',
    events: '/s/events',
  });
});

test('rootsOf() finds back what placesOf() was given', () => {
  const roots = { store: '/var/lib/own', run: '/run/own' };
  assert.deepEqual(rootsOf(placesOf(roots, 'abc', 'one')), roots);
});
