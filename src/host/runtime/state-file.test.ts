import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCortenError } from '../../pure/base/errors.ts';
import type { Process } from '../../pure/spec/runtime.ts';
import { attempt, interpose, sys } from '../kernel/call.ts';
import { S } from '../kernel/constants.ts';
import { createFile, readDirectory } from '../kernel/files.ts';
import { NR } from '../kernel/numbers.ts';
import { exit, fork, waitFor } from '../kernel/process.ts';
import { deviceNumber } from '../kernel/stat.ts';
import { createContainer } from './create.ts';
import { deleteContainer } from './delete.ts';
import { execProcess } from './exec.ts';
import { killContainer } from './kill.ts';
import { listContainers } from './list.ts';
import { pauseContainer } from './pause.ts';
import { startContainer } from './start.ts';
import { createStateFile, lockStateFile } from './state/file.ts';
import { readState } from './state.ts';
import { Place } from './trial/place.ts';

/** What a verb fails with. */
function failureOf(verb: () => unknown): { readonly code: string; readonly message: string } {
  try {
    verb();
  } catch (error) {
    if (isCortenError(error)) return error;
    throw error;
  }
  return assert.fail('it did not fail');
}

function verbs({ root, id }: Place): ReadonlyMap<string, () => unknown> {
  const process = (own: Process): Process => own;
  return new Map<string, () => unknown>([
    ['state', () => readState(root, id)],
    ['start', () => startContainer(root, id)],
    ['kill', () => killContainer(root, id, { signal: 15 })],
    ['pause', () => pauseContainer(root, id)],
    ['exec', () => execProcess({ root, id, process, warn: () => undefined })],
    ['delete', () => deleteContainer(root, id)],
  ]);
}

/** Calls `act` once, before the next system call of that number. */
function beforeNext(nr: number, act: () => void): void {
  const before = interpose((...args) => {
    if (args[0] !== nr) return before(...args);
    interpose(before);
    act();
    return before(...args);
  });
}

const NULL = deviceNumber(1, 3);
const STRANGE: ReadonlyMap<string, (path: string) => void> = new Map([
  ['a FIFO', (path) => void sys('mknod', path, S.IFIFO | 0o600, 0)],
  ['a device', (path) => void sys('mknod', path, S.IFCHR | 0o600, NULL)],
  ['a socket', (path) => void sys('mknod', path, S.IFSOCK | 0o600, 0)],
  ['a symbolic link', (path) => void sys('symlink', '/etc/hostname', path)],
]);

for (const [name, make] of STRANGE) {
  test(`${name} in the place of a container's file is named by each verb, which neither waits nor removes it`, () => {
    using place = new Place();
    const path = `${place.root}/${place.id}`;
    make(path);
    const text = `${path} is no file, so no container's state: remove it by hand`;
    const force = (): void => deleteContainer(place.root, place.id, { force: true });
    for (const [verb, act] of [...verbs(place), ['delete --force', force] as const]) {
      const { code, message } = failureOf(act);
      assert.deepEqual([code, message], ['RUNTIME_STATE_UNREADABLE', text], verb);
    }
    assert.equal(failureOf(() => place.create()).code, 'RUNTIME_EXISTS');
    assert.deepEqual(listContainers(place.root), []);
    assert.deepEqual(readDirectory(place.root), [place.id]);
    sys('unlink', path);
  });
}

/** As versions before kept it. */
function makeOlder({ root, id }: Place): void {
  sys('rename', `${root}/${id}`, `${root}/moved`);
  sys('mkdir', `${root}/${id}`, 0o700);
  sys('rename', `${root}/moved`, `${root}/${id}/state.json`);
  sys('rename', `${root}/:exec/${id}`, `${root}/${id}/exec.fifo`);
  sys('rmdir', `${root}/:exec`);
}

test('a container of an older version, a directory, is named by each verb and ended by a delete by force', () => {
  using place = new Place();
  place.create();
  makeOlder(place);
  for (const [verb, act] of verbs(place)) {
    const { code, message } = failureOf(act);
    assert.equal(code, 'RUNTIME_STATE_UNREADABLE', verb);
    assert.match(message, /was made by an older version: remove it with "delete --force runt-trial-\d+"$/);
  }
  assert.deepEqual(listContainers(place.root), []);
  place.remove();
  assert.deepEqual(place.traces(), []);
});

test('a directory with anything else in it is never removed', () => {
  using place = new Place();
  const path = `${place.root}/${place.id}`;
  sys('mkdir', path, 0o700);
  createFile(`${path}/state.json`, '');
  createFile(`${path}/other`, '');
  const { message } = failureOf(() => place.remove());
  assert.equal(
    message,
    `${path} is a directory that holds "other", which no version made: remove it by hand`,
  );
  assert.deepEqual(readDirectory(path).toSorted(), ['other', 'state.json']);
  sys('unlink', `${path}/other`);
});

test('a file that is too large for a record counts as one that was never written whole', () => {
  using place = new Place();
  {
    using file = createStateFile(place.root, place.id);
    sys('ftruncate', file.number, 1 << 30);
  }
  assert.match(failureOf(() => readState(place.root, place.id)).message, /was never created whole/);
});

test('the folders of FIFOs are there as long as a container waits, and are no containers', () => {
  using place = new Place();
  const { root, id, bundle, spec } = place;
  const other = `${id}-${'x'.repeat(254 - id.length)}`;
  place.create();
  const its = { ...spec, linux: { ...spec.linux, cgroupsPath: `/${other}` } };
  createContainer({ root, id: other, bundle, spec: its, start: 'wait', warn: () => undefined });
  try {
    const statuses = listContainers(root).map(({ status }) => status);
    assert.deepEqual(statuses, ['created', 'created']);
    deleteContainer(root, id);
    assert.deepEqual(readDirectory(root).toSorted(), [':exec', other]);
    startContainer(root, other);
    assert.equal(readState(root, other).status, 'running');
  } finally {
    deleteContainer(root, other, { force: true });
  }
  assert.deepEqual(readDirectory(root), []);
});

test('a folder of FIFOs that another command removes in between is made again', () => {
  using place = new Place();
  beforeNext(NR.mknod, () => void sys('rmdir', `${place.root}/:exec`));
  place.create();
  assert.equal(readState(place.root, place.id).status, 'created');
});

test('a FIFO of a container whose file was lost stands in nobody’s way', () => {
  using place = new Place();
  sys('mkdir', `${place.root}/:exec`, 0o700);
  createFile(`${place.root}/:exec/${place.id}`, '');
  place.create();
  startContainer(place.root, place.id);
  assert.equal(readState(place.root, place.id).status, 'running');
});

test('an id that was given up before its file was locked is taken again', () => {
  using place = new Place();
  beforeNext(NR.flock, () => deleteContainer(place.root, place.id, { force: true }));
  using file = createStateFile(place.root, place.id);
  assert.deepEqual(readDirectory(place.root), [place.id]);
  file.remove();
});

test('whoever waited for the lock of a container that was deleted meanwhile finds none', () => {
  using place = new Place();
  createFile(`${place.root}/${place.id}`, '');
  beforeNext(NR.flock, () => void sys('unlink', `${place.root}/${place.id}`));
  assert.equal(failureOf(() => lockStateFile(place.root, place.id)).code, 'RUNTIME_NOT_FOUND');
});

test('of many who make a container of one id at once, one does', () => {
  using place = new Place();
  const outcomes = Array.from({ length: 8 }, () => {
    const pid = fork();
    if (pid > 0) return pid;
    try {
      createStateFile(place.root, place.id);
      exit(0);
    } catch (error) {
      exit(isCortenError(error) && error.code === 'RUNTIME_EXISTS' ? 1 : 2);
    }
    return exit(3);
  }).map((pid) => waitFor(pid) >> 8);
  assert.deepEqual(
    outcomes.toSorted((a, b) => a - b),
    [0, 1, 1, 1, 1, 1, 1, 1],
  );
  assert.equal(attempt('access', `${place.root}/${place.id}`, 0), 0);
});
