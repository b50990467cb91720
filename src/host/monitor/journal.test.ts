import assert from 'node:assert/strict';
import { test } from 'node:test';
import { O } from '../kernel/constants.ts';
import { encode, openFile, writeAll } from '../kernel/files.ts';
import { appendRecord, readJournal } from './journal.ts';
import { Scratch } from './trial/scratch.ts';

const STARTED = { event: 'started', time: '2026-01-01T00:00:00.000Z', pid: 7, startTime: '99' } as const;
const EXITED = { event: 'exited', time: '2026-01-01T00:00:01.000Z', code: 3 } as const;

test('readJournal() gives what follows the last start, and nothing where there is no journal', () => {
  using scratch = new Scratch();
  const { number } = scratch.directory;
  assert.deepEqual(readJournal(number), {});
  appendRecord(number, { ...STARTED, pid: 6 }, false);
  appendRecord(number, STARTED, false);
  appendRecord(number, EXITED, true);
  assert.deepEqual(readJournal(number), { started: STARTED, exited: EXITED });
  appendRecord(number, { event: 'stopped', time: EXITED.time }, false);
  assert.deepEqual(readJournal(number), { started: STARTED, exited: EXITED, isStopped: true });
  appendRecord(number, { ...STARTED, restarts: 1 }, false);
  assert.deepEqual(readJournal(number), { started: { ...STARTED, restarts: 1 } });
});

test('readJournal() passes over a record that was never written whole', () => {
  using scratch = new Scratch();
  appendRecord(scratch.directory.number, STARTED, false);
  {
    using file = openFile(`${scratch.path}/journal`, O.WRONLY | O.APPEND);
    writeAll(file.number, encode('{"event":"exited","ti'));
  }
  assert.deepEqual(readJournal(scratch.directory.number), { started: STARTED });
});
