import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attempt, sys } from '../kernel/call.ts';
import { AF, F, O, SOCK } from '../kernel/constants.ts';
import { ERRNO } from '../kernel/errno.ts';
import { Fd, openFile } from '../kernel/files.ts';
import { pipe } from '../kernel/process.ts';
import { OutputStream } from './output-stream.ts';

/** More than a pipe or socket holds. */
const MUCH = 1 << 20;

interface Ends {
  readonly reading: Fd;
  readonly writing: Fd;
}

function pipeEnds(): Ends {
  const [reading, writing] = pipe();
  return { reading: new Fd(reading), writing: new Fd(writing) };
}

function socketEnds(): Ends {
  const ends = new Uint32Array(2);
  sys('socketpair', AF.UNIX, SOCK.STREAM | SOCK.CLOEXEC, 0, ends);
  return { reading: new Fd(ends[0] ?? -1), writing: new Fd(ends[1] ?? -1) };
}

function unexpected(errno: number): never {
  return assert.fail(`errno ${errno}`);
}

for (const [name, makeEnds] of [
  ['pipe', pipeEnds],
  ['socket', socketEnds],
] as const) {
  test(`write() into a ${name} that nobody reads returns, and flush() gives the rest as it is read`, () => {
    const ends = makeEnds();
    using reading = ends.reading;
    using writing = ends.writing;
    using stream = new OutputStream(writing.number, unexpected);
    const content = new Uint8Array(MUCH).map((_, index) => index % 251);
    stream.write(content);
    assert.ok(stream.isBlocked);
    const received = new Uint8Array(MUCH);
    for (let at = 0; at < MUCH; stream.flush()) {
      at += sys('read', reading.number, received.subarray(at), 5000);
    }
    assert.equal(stream.isBlocked, false);
    assert.deepEqual(received, content);
  });

  test(`a ${name} that blocks stays so for all who share it`, () => {
    const ends = makeEnds();
    using reading = ends.reading;
    using writing = ends.writing;
    {
      using stream = new OutputStream(writing.number, unexpected);
      stream.write(new Uint8Array(1));
    }
    assert.equal(sys('fcntl', writing.number, F.GETFL, 0) & O.NONBLOCK, 0);
    assert.equal(sys('read', reading.number, new Uint8Array(1), 1), 1);
  });
}

test('a socket without a reader is lost once, and what comes later is dropped', () => {
  const { reading, writing } = socketEnds();
  using _open = writing;
  const lost: number[] = [];
  using stream = new OutputStream(writing.number, (errno) => lost.push(errno));
  reading.close();
  stream.write(new Uint8Array(1));
  stream.write(new Uint8Array(1));
  assert.deepEqual(lost, [ERRNO.EPIPE]);
  assert.equal(stream.isBlocked, false);
});

test('a file is written where its own offset is', () => {
  const path = `/tmp/corten-output-stream-${sys('getpid')}`;
  try {
    using file = openFile(path, O.RDWR | O.CREAT | O.EXCL, 0o600);
    sys('write', file.number, 'ab', 2);
    using stream = new OutputStream(file.number, unexpected);
    stream.write(new Uint8Array([99]));
    sys('write', file.number, 'd', 1);
    sys('lseek', file.number, 0, 0);
    const read = new Uint8Array(8);
    assert.equal(utf8(read, 0, sys('read', file.number, read, 8)), 'abcd');
  } finally {
    attempt('unlink', path);
  }
});
