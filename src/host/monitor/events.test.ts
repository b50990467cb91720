import assert from 'node:assert/strict';
import { test } from 'node:test';
import { O } from '../kernel/constants.ts';
import { encode, openAt, readText, writeAll } from '../kernel/files.ts';
import { exit, exitCode, fork, waitFor } from '../kernel/process.ts';
import { appendEvent, parseEvent, type EventRecord } from './events.ts';
import { Scratch } from './trial/scratch.ts';

function recordsIn(path: string): readonly EventRecord[] {
  return readText(path)
    .split('\n')
    .map(parseEvent)
    .filter((record) => record !== undefined);
}

test('events of many processes are all there, numbered in the order of their lines', () => {
  using scratch = new Scratch();
  const [processes, each] = [4, 50];
  const pids = Array.from({ length: processes }, (_, process) => {
    const pid = fork();
    if (pid !== 0) return pid;
    for (let count = 0; count < each; count++) {
      appendEvent(`${scratch.path}/events`, {
        type: 'container',
        action: String(count),
        id: String(process),
      });
    }
    exit(0);
  });
  assert.ok(pids.every((pid) => exitCode(waitFor(pid)) === 0));
  const records = recordsIn(`${scratch.path}/events/log`);
  assert.deepEqual(
    records.map(({ number }) => number),
    Array.from({ length: processes * each }, (_, index) => index + 1),
  );
  for (let process = 0; process < processes; process++) {
    const own = records.filter(({ id }) => id === String(process)).map(({ action }) => Number(action));
    assert.deepEqual(
      own,
      Array.from({ length: each }, (_, index) => index),
    );
  }
  assert.deepEqual(
    records.map(({ time }) => time),
    records.map(({ time }) => time).toSorted(),
  );
});

test('a file that is full becomes the older one, and numbers go on', () => {
  using scratch = new Scratch();
  const folder = `${scratch.path}/events`;
  const attributes = { text: 'x'.repeat(60_000) };
  for (let count = 0; count < 150; count++)
    appendEvent(folder, { type: 'image', action: 'tag', id: 'a', attributes });
  const [older, newer] = [recordsIn(`${folder}/log.1`), recordsIn(`${folder}/log`)];
  assert.equal(newer.at(-1)?.number, 150);
  assert.equal((older.at(-1)?.number ?? 0) + 1, newer[0]?.number);
  assert.ok(readText(`${folder}/log.1`).length < (4 << 20) + 65536);
});

test('a line that was cut short is passed over', () => {
  using scratch = new Scratch();
  const folder = `${scratch.path}/events`;
  appendEvent(folder, { type: 'container', action: 'create', id: 'a' });
  {
    using file = openAt(scratch.directory.number, 'events/log', O.WRONLY | O.APPEND);
    writeAll(file.number, encode('{"number":2,"ti'));
  }
  appendEvent(folder, { type: 'container', action: 'start', id: 'a' });
  assert.deepEqual(
    recordsIn(`${folder}/log`).map(({ number, action }) => [number, action]),
    [
      [1, 'create'],
      [2, 'start'],
    ],
  );
});

test('an event that is too long, or has nowhere to go, is left out without a failure', () => {
  using scratch = new Scratch();
  appendEvent(`${scratch.path}/events`, { type: 'image', action: 'tag', id: 'x'.repeat(70_000) });
  appendEvent(`${scratch.path}/no/such/folder`, { type: 'image', action: 'tag', id: 'x' });
  assert.deepEqual(recordsIn(`${scratch.path}/events/log`), []);
});
