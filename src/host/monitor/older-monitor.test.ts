import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCortenError } from '../../pure/base/errors.ts';
import { attempt, retry } from '../kernel/call.ts';
import { POLL, SIGNAL } from '../kernel/constants.ts';
import { exit, exitCode, fork, waitFor } from '../kernel/process.ts';
import { connectMonitor, sendRestart, sendStop, type MonitorConnection } from './connect-monitor.ts';
import { accept, listen } from './loop/listener.ts';
import { jsonPacket, PACKET, PROTOCOL_VERSION } from './packets.ts';
import { pollOnce } from './poll.ts';
import { Scratch } from './trial/scratch.ts';

/** A monitor as a build of another time has it: says its version, and hears one packet, whose bytes it exits by. */
function withMonitor(version: number, body: (connection: MonitorConnection | undefined) => void): number {
  using scratch = new Scratch();
  const listener = listen(scratch.directory.number);
  const pid = fork();
  if (pid === 0) {
    pollOnce([{ fd: listener, events: POLL.IN, ready: () => undefined }], -1);
    const client = accept(listener) ?? -1;
    const hello = jsonPacket(PACKET.VERSION, { version });
    attempt('write', client, hello, hello.length);
    const packet = new Uint8Array(16);
    pollOnce([{ fd: client, events: POLL.IN, ready: () => undefined }], -1);
    const length = retry('read', client, packet, packet.length);
    exit(length === 0 ? 0 : (packet[0] ?? 0) ^ (packet[1] ?? 0));
  }
  attempt('close', listener);
  let heard = 0;
  try {
    using connection = connectMonitor(scratch.directory.number);
    body(connection);
  } finally {
    heard = waitFor(pid);
  }
  return exitCode(heard);
}

test('a monitor of the first version is stopped by a signal, and says itself that it starts nothing again', () => {
  const heard = withMonitor(1, (connection) => {
    assert.ok(connection !== undefined);
    if (connection !== undefined) sendStop(connection, SIGNAL.TERM);
  });
  assert.equal(heard, PACKET.SIGNAL ^ SIGNAL.TERM);
  withMonitor(1, (connection) => {
    assert.throws(
      () => connection !== undefined && sendRestart(connection),
      (error: unknown) => isCortenError(error) && error.code === 'MONITOR_TOO_OLD',
    );
  });
});

test('a monitor of this version gets STOP, and one of a later build is refused by name', () => {
  const heard = withMonitor(PROTOCOL_VERSION, (connection) => {
    if (connection !== undefined) sendStop(connection, SIGNAL.TERM);
  });
  assert.equal(heard, PACKET.STOP ^ SIGNAL.TERM);
  assert.throws(
    () => withMonitor(PROTOCOL_VERSION + 1, () => assert.fail('it is taken for one of ours')),
    (error: unknown) => isCortenError(error) && error.code === 'MONITOR_TOO_NEW',
  );
});
