import assert from 'node:assert/strict';
import { test } from 'node:test';
import { O } from '../../kernel/constants.ts';
import { encode, openFile, writeAll } from '../../kernel/files.ts';
import { Scratch } from '../trial/scratch.ts';
import { LogFiles } from './log-files.ts';
import { readTail } from './read-tail.ts';

function write(scratch: Scratch, name: string, text: string): void {
  using file = openFile(`${scratch.path}/${name}`, O.WRONLY | O.CREAT | O.TRUNC, 0o600);
  writeAll(file.number, encode(text));
}

function tail(scratch: Scratch, count: number, first?: number): string {
  using files = new LogFiles(scratch.directory.number);
  const lines = readTail(files, count, first);
  return lines.map(({ time, stream, content }) => `${time} ${stream} ${utf8(content)}`).join('|');
}

/** The same numbers in each run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test('readTail() gives of any log in any number of files what all of it ends with, wherever it begins to read', () => {
  for (let seed = 0; seed < 200; seed++) {
    using scratch = new Scratch();
    const random = numbers(seed);
    for (const name of ['container.log.2', 'container.log.1', 'container.log'].slice(random(3))) {
      const lines = Array.from({ length: random(20) }, (_, at) => {
        const stream = random(3) === 0 ? 'stderr' : 'stdout';
        // What looks like a line's begin, for whoever begins to read in the middle.
        return `${seed}.${name}.${at} ${stream} ${random(4) === 0 ? 'P' : 'F'} ${'T stdout F '.repeat(random(9))}\n`;
      });
      write(scratch, name, lines.join(''));
    }
    for (const count of [0, 1, 2, 5, 1000])
      assert.equal(
        tail(scratch, count, 1 + random(60)),
        tail(scratch, count, 1 << 20),
        `seed ${seed}, ${count}`,
      );
  }
});

test('readTail() leaves the beginning of a long log unread', () => {
  using scratch = new Scratch();
  write(scratch, 'container.log', `${'T stdout F 0123456789\n'.repeat(100_000)}T stdout F last\n`);
  using files = new LogFiles(scratch.directory.number);
  let count = 0;
  const read = files.read.bind(files);
  files.read = (take) => {
    read((line) => {
      count++;
      take(line);
    });
  };
  readTail(files, 10);
  assert.ok(count >= 10 && count < 4000, String(count));
});
