import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode, readDirectory, readText } from '../../kernel/files.ts';
import { Scratch } from '../trial/scratch.ts';
import { LogWriter } from './log-writer.ts';

const CHUNK = 65536;

function stretch(text: string): {
  readonly buffer: Uint8Array;
  readonly start: number;
  readonly end: number;
} {
  const buffer = encode(text);
  return { buffer, start: 0, end: buffer.length };
}

test('write() writes the CRI text format, a file at the first line', () => {
  using scratch = new Scratch();
  const log = new LogWriter(scratch.directory.number, CHUNK);
  assert.deepEqual(readDirectory(scratch.path), []);
  log.write('stdout', stretch('hello\nhalf'));
  log.write('stderr', stretch('bad\n'));
  const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z`;
  assert.match(
    readText(`${scratch.path}/container.log`),
    new RegExp(`^${TIME} stdout F hello\n${TIME} stdout P half\n${TIME} stderr F bad\n$`),
  );
});

test('a log that is full becomes .1, and of three files the oldest goes', () => {
  using scratch = new Scratch();
  const log = new LogWriter(scratch.directory.number, CHUNK);
  const block = `${'x'.repeat(CHUNK - 1)}\n`;
  // 10 MB each file, 160 of these: the first line of all is gone after 40 MB.
  log.write('stdout', stretch('first\n'));
  for (let blocks = 0; blocks < 640; blocks++) log.write('stdout', stretch(block));
  log.write('stdout', stretch('last\n'));
  assert.deepEqual(readDirectory(scratch.path).toSorted(), [
    'container.log',
    'container.log.1',
    'container.log.2',
  ]);
  assert.match(readText(`${scratch.path}/container.log`), / stdout F last\n$/);
  assert.ok(!readText(`${scratch.path}/container.log.2`).includes('first'));
});
