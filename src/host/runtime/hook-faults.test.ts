import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hook, Hooks } from '../../pure/spec/runtime.ts';
import { createContainer } from './create.ts';
import { hooksModule } from './hooks/hooks.ts';
import { startContainer } from './start.ts';
import { withFailure, withKill, type Blow, type Side } from './trial/gates.ts';
import { openDescriptors, Place } from './trial/place.ts';

const SIDES: readonly Side[] = ['parent', 'child'];
const MOST_CALLS = 2000;
const OUTSIDE: readonly Hook[] = [{ path: '/bin/true', args: ['true'], env: [] }];
const HOOKS: Hooks = {
  prestart: OUTSIDE,
  createRuntime: OUTSIDE,
  createContainer: OUTSIDE,
  startContainer: [{ path: '/bin/sleep', args: ['sleep', '0'], env: [] }],
  poststart: OUTSIDE,
  poststop: OUTSIDE,
};

function create({ root, id, bundle, spec }: Place): void {
  createContainer({
    root,
    id,
    bundle,
    spec: { ...spec, hooks: HOOKS },
    start: 'wait',
    warn: () => undefined,
  });
}

function sweep(side: Side, trial: (blow: Blow) => boolean): number {
  for (let n = 1; n < MOST_CALLS; n++) if (!trial({ side, n })) return n - 1;
  return assert.fail('the sweep has no end');
}

for (const side of SIDES) {
  test(`createContainer() with hooks leaves nothing when the n-th system call of the ${side} fails, for every n`, () => {
    using place = new Place();
    hooksModule();
    const descriptors = openDescriptors();
    const calls = sweep(side, (blow) => {
      let isMade = false;
      const fell = withFailure(blow, () => {
        try {
          create(place);
          isMade = true;
        } catch {
          // What it fails with is seen in what it leaves.
        }
      });
      if (isMade) place.remove();
      place.reap();
      assert.equal(place.traces().join(), '', `after call ${blow.n}: ${place.traces().join()}`);
      assert.equal(openDescriptors(), descriptors, `descriptors after call ${blow.n}`);
      return fell;
    });
    assert.ok(calls > 40, `only ${calls} calls`);
  });

  test(`a delete by force cleans up after a kill before the n-th system call of create's ${side} with hooks, for every n`, () => {
    using place = new Place();
    const calls = sweep(side, (blow) => {
      const fell = withKill(blow, () => create(place));
      place.remove();
      assert.equal(place.traces().join(), '', `after call ${blow.n}: ${place.traces().join()}`);
      return fell;
    });
    assert.ok(calls > 40, `only ${calls} calls`);
  });
}

test('a delete by force cleans up after a kill before the n-th system call of start with hooks, for every n', () => {
  using place = new Place();
  const calls = sweep('parent', (blow) => {
    create(place);
    const fell = withKill(blow, () => startContainer(place.root, place.id));
    place.remove();
    assert.equal(place.traces().join(), '', `after call ${blow.n}: ${place.traces().join()}`);
    return fell;
  });
  assert.ok(calls > 20, `only ${calls} calls`);
});
