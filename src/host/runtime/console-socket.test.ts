import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attempt, sys } from '../kernel/call.ts';
import { AF, SOCK } from '../kernel/constants.ts';
import { createFile, Fd } from '../kernel/files.ts';
import { cStrings, exit, exitCode, fork, waitFor } from '../kernel/process.ts';
import { receiveMessage, socketPair } from '../kernel/sockets.ts';
import { isTerminal } from '../kernel/terminal.ts';
import { createContainer } from './create.ts';
import { execProcess } from './exec.ts';
import { startContainer } from './start.ts';
import { configOf, Place } from './trial/place.ts';

/** What the terminal shows until the text comes. */
function readUntil(master: Fd, text: string): string {
  const buffer = new Uint8Array(4096);
  let shown = '';
  while (!shown.includes(text)) {
    const count = attempt('read', master.number, buffer, buffer.length);
    if (count <= 0) return shown;
    shown += utf8(buffer, 0, count);
  }
  return shown;
}

function masterFrom(socket: number): Fd {
  const received = receiveMessage(socket);
  assert.ok(received?.descriptor !== undefined, 'a descriptor comes');
  assert.ok(isTerminal(received.descriptor.number), 'it is a terminal');
  return received.descriptor;
}

/** A listening Unix socket, as whoever calls a runtime makes one. */
function listenAt(path: string): Fd {
  const name = bytes(path);
  const address = new Uint8Array(2 + name.length);
  address[0] = AF.UNIX;
  address.set(name, 2);
  const socket = new Fd(sys('socket', AF.UNIX, SOCK.STREAM | SOCK.CLOEXEC, 0));
  sys('bind', socket.number, address, address.length);
  sys('listen', socket.number, 1);
  return socket;
}

function runt(args: readonly string[]): number {
  const pid = fork();
  if (pid === 0) {
    const argv = cStrings(['runt', ...args]);
    attempt('execve', '/proc/self/exe', argv.pointers, cStrings([]).pointers);
    exit(127);
  }
  return pid;
}

test('create --console-socket sends the master of the container’s terminal to the socket', () => {
  using place = new Place();
  const config = configOf(place.id, false) as { process: Record<string, unknown> };
  Object.assign(config.process, {
    terminal: true,
    args: ['/bin/busybox', 'sh', '-c', 'echo from inside; sleep 1000'],
  });
  createFile(`${place.bundle}/config.json`, JSON.stringify(config));
  using listening = listenAt(`${place.folder}/socket`);
  const flags = ['--bundle', place.bundle, '--console-socket', `${place.folder}/socket`];
  const pid = runt(['--root', place.root, 'create', ...flags, place.id]);
  using connection = new Fd(sys('accept4', listening.number, null, null, SOCK.CLOEXEC));
  using master = masterFrom(connection.number);
  assert.equal(exitCode(waitFor(pid)), 0);
  startContainer(place.root, place.id);
  assert.match(readUntil(master, 'inside'), /^from inside/);
});

test('a console socket gets the masters of create and of exec, and the caller none', () => {
  using place = new Place();
  const [ours, theirs] = socketPair();
  using socket = ours;
  using far = theirs;
  const { root, id, bundle, spec } = place;
  const process = { ...spec.process, terminal: true };
  const options = {
    root,
    id,
    bundle,
    start: 'wait',
    consoleSocket: far.number,
    warn: () => undefined,
  } as const;
  const created = createContainer({ ...options, spec: { ...spec, process } });
  assert.equal(created.console, undefined);
  using first = masterFrom(socket.number);
  const executed = execProcess({
    root,
    id,
    consoleSocket: far.number,
    process: (own) => ({
      ...own,
      args: ['/bin/busybox', 'sh', '-c', 'tty; stty size'],
      consoleSize: { height: 7, width: 9 },
    }),
    warn: () => undefined,
  });
  using second = masterFrom(socket.number);
  assert.match(readUntil(second, '7 9'), /^\/dev\/pts\/1\r\n7 9/);
  assert.equal(exitCode(waitFor(executed.pid)), 0);
  assert.notEqual(first.number, second.number);
});
