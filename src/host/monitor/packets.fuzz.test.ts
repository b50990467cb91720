// A monitor among clients that send anything: it serves the others, and tells them how its container ended.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { damagedBytes } from '../../pure/base/testing/damage.ts';
import type { Dice } from '../../pure/base/testing/dice.ts';
import { fuzz } from '../../pure/base/testing/fuzz.ts';
import { attempt, sys } from '../kernel/call.ts';
import { AF, O, PR, SIGNAL, SOCK } from '../kernel/constants.ts';
import { Fd } from '../kernel/files.ts';
import { exit, fork, pipe, waitFor } from '../kernel/process.ts';
import { blockSignals, catchableSignals, signalSet } from '../kernel/signals.ts';
import { listen } from './loop/listener.ts';
import { runLoop } from './loop/run-loop.ts';
import { creditPacket, jsonPacket, MAX_PAYLOAD, PACKET, resizePacket } from './packets.ts';
import { Scratch } from './trial/scratch.ts';

/** What clients say, for want of which nothing but a type byte would ever be right. */
const RIGHT: readonly Uint8Array[] = [
  jsonPacket(PACKET.ATTACH, { isStdin: true }),
  jsonPacket(PACKET.ATTACH, { isStdin: false }),
  new Uint8Array([PACKET.STDIN]),
  new Uint8Array([PACKET.STDIN, 1, 2, 3]),
  new Uint8Array([PACKET.CLOSE, PACKET.STDERR]),
  new Uint8Array([PACKET.SIGNAL, SIGNAL.CONT]),
  resizePacket(24, 80),
  creditPacket(70_000),
  jsonPacket(PACKET.FAILED, {}),
  jsonPacket(PACKET.LAYERS, ['x']),
  new Uint8Array([PACKET.ROOTFS, 1]),
  new Uint8Array([PACKET.RESTART]),
];

function packet(dice: Dice): Uint8Array {
  const right = dice.pick(RIGHT);
  switch (dice.below(4)) {
    case 0:
      return right;
    case 1:
      return new Uint8Array([right[0] ?? 0, ...damagedBytes(dice, right.subarray(1))]);
    case 2:
      return damagedBytes(dice, right);
    default:
      return new Uint8Array(dice.below(MAX_PAYLOAD + 2)).fill(right[0] ?? 0);
  }
}

function socketPair(): readonly [Fd, Fd] {
  const ends = new Uint32Array(2);
  sys('socketpair', AF.UNIX, SOCK.SEQPACKET | SOCK.CLOEXEC | SOCK.NONBLOCK, 0, ends);
  return [new Fd(ends[0] ?? -1), new Fd(ends[1] ?? -1)];
}

interface Started {
  readonly pid: number;
  /** The first sends anything, the second is well-behaved. */
  readonly clients: readonly [Fd, Fd];
}

/** A monitor of a process that sleeps, as a process of its own. */
function startMonitor(scratch: Scratch): Started {
  const pairs = [socketPair(), socketPair()] as const;
  const pid = fork();
  if (pid !== 0) {
    for (const [, theirs] of pairs) theirs.close();
    return { pid, clients: [pairs[0][0], pairs[1][0]] };
  }
  try {
    for (const [ours] of pairs) ours.close();
    monitor(
      scratch,
      pairs.map(([, theirs]) => theirs.number),
    );
  } finally {
    exit(0);
  }
}

function monitor(scratch: Scratch, clients: readonly number[]): void {
  blockSignals(signalSet(catchableSignals()));
  const [inputReading, stdin] = pipe(O.NONBLOCK);
  const [output, outputWriting] = pipe();
  const pid = fork();
  if (pid === 0) {
    sys('prctl', PR.SET_PDEATHSIG, SIGNAL.KILL, 0, 0, 0);
    for (;;) attempt('nanosleep', new BigInt64Array([1000n, 0n]), null);
  }
  attempt('close', inputReading);
  attempt('close', outputWriting);
  const state = {
    places: {
      id: 'x',
      name: 'x',
      directory: scratch.path,
      runtimeRoot: scratch.path,
      names: scratch.path,
      events: scratch.path,
    },
    isAutoRemove: false,
    hasTerminal: false,
    pid,
    pidfd: sys('pidfd_open', pid, 0),
    cgroups: [],
    directory: scratch.directory.number,
    listener: listen(scratch.directory.number),
    stdin,
    outputs: [{ fd: output, stream: 'stdout' as const }],
    clients: clients.map((fd) => ({ fd, isAttached: false, isStdin: false })),
    kept: [],
    lease: sys('open', '/', O.PATH | O.CLOEXEC),
    layers: [],
    layerFiles: [],
  };
  runLoop(state, {
    cleanUp: () => undefined,
    announceEnd: () => undefined,
    tellMemory: () => 0,
    chunk: 4096,
    firstLife: undefined,
    becomeSmall: () => undefined,
    restart: () => undefined,
  });
}

/** The type of the last packet that comes, all of them read; undefined if none did. */
function lastOf(client: Fd): number | undefined {
  let last: number | undefined;
  for (;;) {
    const waits = new Int32Array([client.number, 1]);
    sys('poll', waits, 1, 10_000);
    const buffer = new Uint8Array(MAX_PAYLOAD + 1);
    const length = attempt('read', client.number, buffer, buffer.length);
    if (length <= 0) return last;
    last = buffer[0];
  }
}

test('a monitor outlives whatever its clients send', () => {
  const { rounds } = fuzz((dice) => {
    using scratch = new Scratch();
    const { pid, clients } = startMonitor(scratch);
    const [hostile, other] = clients;
    for (let n = dice.below(12); n >= 0; n--) {
      const sent = packet(dice);
      attempt('write', hostile.number, sent, sent.length);
    }
    if (dice.below(2) === 0) hostile.close();
    const kill = new Uint8Array([PACKET.SIGNAL, SIGNAL.KILL]);
    attempt('write', other.number, kill, kill.length);
    const last = lastOf(other);
    hostile.close();
    other.close();
    waitFor(pid);
    assert.equal(last, PACKET.EXITED);
    return true;
  });
  assert.ok(rounds > 0);
});
