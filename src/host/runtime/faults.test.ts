import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Process } from '../../pure/spec/runtime.ts';
import { deleteContainer } from './delete.ts';
import { execProcess } from './exec.ts';
import { startContainer } from './start.ts';
import { readState } from './state.ts';
import { userNamespaces } from './user-namespace/user-namespaces.ts';
import { withFailure, withKill, type Blow, type Side } from './trial/gates.ts';
import { endProcess, openDescriptors, Place } from './trial/place.ts';

const SIDES: readonly Side[] = ['parent', 'child'];
/** More calls than any of the operations makes: a sweep that doesn't end by itself is a failure. */
const MOST_CALLS = 2000;

/** Calls `trial` for n from 1 on until it says that there was no n-th call; how many there were. */
function sweep(side: Side, trial: (blow: Blow) => boolean): number {
  for (let n = 1; n < MOST_CALLS; n++) if (!trial({ side, n })) return n - 1;
  return assert.fail('the sweep has no end');
}

function succeeds(body: () => void): boolean {
  try {
    body();
    return true;
  } catch {
    return false;
  }
}

for (const isMapped of [false, true]) {
  for (const side of SIDES) sweepCreate(side, isMapped);
}

function sweepCreate(side: Side, isMapped: boolean): void {
  const what = isMapped ? ' with a user namespace' : '';
  test(`createContainer()${what} leaves nothing when the n-th system call of the ${side} fails, for every n`, () => {
    using place = new Place(isMapped);
    if (isMapped) userNamespaces();
    const descriptors = openDescriptors();
    const calls = sweep(side, (blow) => {
      let isMade = false;
      const fell = withFailure(blow, () => (isMade = succeeds(() => place.create())));
      if (isMade) place.remove();
      place.reap();
      assert.equal(place.traces().join(), '', `after call ${blow.n}: ${place.traces().join()}`);
      assert.equal(openDescriptors(), descriptors, `descriptors after call ${blow.n}`);
      return fell;
    });
    assert.ok(calls > 40, `only ${calls} calls`);
  });

  test(`a delete by force cleans up after a kill before the n-th system call of create's ${side}${what}, for every n`, () => {
    using place = new Place(isMapped);
    const calls = sweep(side, (blow) => {
      const fell = withKill(blow, () => place.create());
      place.remove();
      assert.equal(place.traces().join(), '', `after call ${blow.n}: ${place.traces().join()}`);
      return fell;
    });
    assert.ok(calls > 40, `only ${calls} calls`);
    place.create();
  });
}

for (const side of SIDES) {
  test(`execProcess() leaves nothing when the n-th system call of the ${side} fails, for every n`, () => {
    using place = new Place();
    const { pid } = place.create();
    const descriptors = openDescriptors();
    const calls = sweep(side, (blow) => {
      let executed = 0;
      const fell = withFailure(blow, () => void succeeds(() => (executed = execute(place))));
      if (executed > 0) endProcess(executed);
      place.stayInPidNamespace();
      place.waitUntilAlone(pid);
      assert.equal(openDescriptors(), descriptors, `descriptors after call ${blow.n}`);
      return fell;
    });
    assert.ok(calls > 20, `only ${calls} calls`);
  });

  test(`a kill before the n-th system call of exec's ${side} leaves no process but the container's own`, () => {
    using place = new Place();
    const { pid } = place.create();
    const calls = sweep(side, (blow) => {
      const fell = withKill(blow, () => void execute(place));
      place.waitUntilAlone(pid);
      return fell;
    });
    assert.ok(calls > 20, `only ${calls} calls`);
    assert.equal(readState(place.root, place.id).status, 'created');
  });
}

test('deleteContainer() that fails at its n-th system call can be done again, for every n', () => {
  using place = new Place();
  const descriptors = openDescriptors();
  const calls = sweep('parent', (blow) => {
    place.create();
    const fell = withFailure(blow, () =>
      succeeds(() => deleteContainer(place.root, place.id, { force: true })),
    );
    assert.equal(openDescriptors(), descriptors, `descriptors after call ${blow.n}`);
    place.remove();
    assert.equal(place.traces().join(), '', `after call ${blow.n}: ${place.traces().join()}`);
    return fell;
  });
  assert.ok(calls > 20, `only ${calls} calls`);
});

for (const [name, act] of [
  ['delete', (place: Place) => deleteContainer(place.root, place.id, { force: true })],
  ['start', (place: Place) => startContainer(place.root, place.id)],
] as const) {
  test(`a delete by force cleans up after a kill before the n-th system call of ${name}, for every n`, () => {
    using place = new Place();
    const calls = sweep('parent', (blow) => {
      place.create();
      const fell = withKill(blow, () => act(place));
      place.remove();
      assert.equal(place.traces().join(), '', `after call ${blow.n}: ${place.traces().join()}`);
      return fell;
    });
    assert.ok(calls > 5, `only ${calls} calls`);
  });
}

/** The pid of one more process in the container, which ends by itself. */
function execute({ root, id }: Place): number {
  const process = (own: Process): Process => ({ ...own, args: ['/bin/sleep', '0'] });
  return execProcess({ root, id, process, warn: () => undefined }).pid;
}
