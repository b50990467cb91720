import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attempt } from '../kernel/call.ts';
import { SIGNAL } from '../kernel/constants.ts';
import { readText } from '../kernel/files.ts';
import { exit, fork, sleep, waitFor } from '../kernel/process.ts';
import { receiveMessage, socketPair } from '../kernel/sockets.ts';
import { sendPidfd } from './pidfd-socket.ts';

test('sendPidfd() sends a descriptor of that process and says of what kind', () => {
  const [ours, theirs] = socketPair();
  using near = ours;
  using far = theirs;
  const pid = fork();
  if (pid === 0) {
    sleep(60_000);
    exit(0);
  }
  try {
    sendPidfd(near.number, pid, 'setns');
    const received = receiveMessage(far.number);
    using descriptor = received?.descriptor;
    assert.equal(received === undefined ? '' : utf8(received.content), 'setns');
    assert.match(readText(`/proc/self/fdinfo/${descriptor?.number}`), new RegExp(`^Pid:\t${pid}$`, 'm'));
  } finally {
    attempt('kill', pid, SIGNAL.KILL);
    waitFor(pid);
  }
});

test('sendPidfd() refuses a process that is gone', () => {
  const [ours, theirs] = socketPair();
  using near = ours;
  using far = theirs;
  const pid = fork();
  if (pid === 0) exit(0);
  waitFor(pid);
  assert.throws(() => sendPidfd(near.number, pid, 'standard'), /ended at once/);
  assert.ok(far.number >= 0);
});
