// How small a container's memory may be: its limit is the program's, and not what the runtime needs to get there.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';
import type { RuntimeName } from './runtime/programs.ts';

const KIB = 1024;
const LIMITS = [512, 256, 224, 192, 176, 160, 144, 128].map((count) => count * KIB);
const TRIES = 8;

/** Whether a program that does nothing runs under this limit, in all tries or in any. */
function begins(name: RuntimeName, limit: number, wanted: 'always' | 'ever'): boolean {
  using bundle = new Bundle();
  bundle.config.linux.resources = { memory: { limit, swap: limit } };
  bundle.write();
  for (let count = 0; count < TRIES; count++) {
    const { code } = bundle.call(['run', '-b', bundle.path, bundle.id], {}, name);
    bundle.call(['delete', '--force', bundle.id], {}, name);
    if ((code === 0) !== (wanted === 'always')) return wanted === 'ever';
  }
  return wanted === 'always';
}

test('a container begins under the smallest limit of memory under which crun’s always begins', (context) => {
  const refused = LIMITS.findIndex((limit) => !begins('crun', limit, 'always'));
  const smallest = LIMITS[refused - 1] ?? 0;
  context.diagnostic(`${smallest / KIB} KiB`);
  assert.ok(smallest > 0);
  assert.ok(begins('runt', smallest, 'ever'), `not under ${smallest / KIB} KiB`);
  assert.ok(begins('runt', 2 * smallest, 'always'), `not always under ${(2 * smallest) / KIB} KiB`);
});
