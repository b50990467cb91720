import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '../../kernel/files.ts';
import { frameLines, Room } from './frame-lines.ts';

function framed(text: string, roomSize = 64): readonly string[] {
  const written: string[] = [];
  const buffer = encode(text);
  const room = new Room(roomSize, (content) => written.push(utf8(content)));
  frameLines({ buffer, start: 0, end: buffer.length }, { full: encode('F '), partial: encode('P ') }, room);
  return written;
}

test('frameLines() puts the prefix before each line, and ends a piece of a line itself', () => {
  assert.equal(framed('one\ntwo\n').join(''), 'F one\nF two\n');
  assert.equal(framed('one\ntw').join(''), 'F one\nP tw\n');
  assert.equal(framed('\n\n').join(''), 'F \nF \n');
  assert.equal(framed('').join(''), '');
});

test('frameLines() hands its room over whenever a line does not fit any more', () => {
  assert.deepEqual(framed('aaaa\nbbbb\ncccc\n', 16), ['F aaaa\nF bbbb\n', 'F cccc\n']);
});
