import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { encode, openFile, writeAll } from '../../kernel/files.ts';
import { Scratch } from '../trial/scratch.ts';
import { LogFiles } from './log-files.ts';
import type { LogLine } from './parse-log.ts';

function append(scratch: Scratch, name: string, ...lines: readonly string[]): void {
  using file = openFile(`${scratch.path}/${name}`, O.WRONLY | O.CREAT | O.APPEND, 0o600);
  for (const line of lines) writeAll(file.number, encode(line));
}

function reader(scratch: Scratch): () => string {
  const files = new LogFiles(scratch.directory.number);
  return () => {
    const lines: LogLine[] = [];
    files.read((line) => lines.push(line));
    return lines
      .map(({ stream, content, isWhole }) => `${stream}${isWhole ? '' : '+'}:${utf8(content)}`)
      .join('|');
  };
}

test('read() gives the lines of all files, oldest first, with what the container wrote and no more', () => {
  using scratch = new Scratch();
  append(scratch, 'container.log.2', 'T stdout F 1\n');
  append(scratch, 'container.log.1', 'T stderr F 2\n', 'T stdout P ha\n');
  append(scratch, 'container.log', 'T stdout F lf\n', 'T stdout F \n');
  assert.equal(reader(scratch)(), 'stdout:1\n|stderr:2\n|stdout+:ha|stdout:lf\n|stdout:\n');
});

test('read() gives the lines of as many files as there are', () => {
  using scratch = new Scratch();
  for (let number = 5; number > 0; number--)
    append(scratch, `container.log.${number}`, `T stdout F ${number}\n`);
  append(scratch, 'container.log', 'T stdout F 0\n');
  assert.equal(reader(scratch)(), [5, 4, 3, 2, 1, 0].map((number) => `stdout:${number}\n`).join('|'));
});

test('read() goes on where it ended, across a rotation, and waits for the rest of a line', () => {
  using scratch = new Scratch();
  const read = reader(scratch);
  assert.equal(read(), '');
  append(scratch, 'container.log', 'T stdout F 1\nT std');
  assert.equal(read(), 'stdout:1\n');
  append(scratch, 'container.log', 'err F 2\n');
  assert.equal(read(), 'stderr:2\n');
  append(scratch, 'container.log', 'T stdout F 3\n');
  sys('rename', `${scratch.path}/container.log`, `${scratch.path}/container.log.1`);
  append(scratch, 'container.log', 'T stdout F 4\n');
  assert.equal(read(), 'stdout:3\n|stdout:4\n');
});

test('read() passes over what is no line of a log', () => {
  using scratch = new Scratch();
  append(scratch, 'container.log', 'nonsense\n', '\n', 'T stdout FF x\n', 'T stdout F good\n');
  assert.equal(reader(scratch)(), 'stdout:good\n');
});
