import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attempt } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { Fd } from '../../kernel/files.ts';
import { pipe } from '../../kernel/process.ts';
import { socketPair } from '../../kernel/sockets.ts';
import { creditOf, PACKET, STDIN_WINDOW } from '../packets.ts';
import { Client } from './client.ts';
import { StandardInput } from './stdin.ts';

/** Standard input into a pipe, and a client whose credits we read. */
class Trial {
  readonly #ends = pipe(O.NONBLOCK);
  readonly reader = new Fd(this.#ends[0]);
  readonly #pair = socketPair();
  readonly client = new Client(this.#pair[0].number, { isAttached: true, isStdin: true });
  readonly input = new StandardInput(this.#ends[1], false);

  /** Bytes that the container reads now; undefined at the end. */
  read(): number | undefined {
    const count = attempt('read', this.reader.number, new Uint8Array(1 << 20), 1 << 20);
    return count === 0 ? undefined : Math.max(0, count);
  }

  /** Credits that the client has got since the last call. */
  credits(): number {
    const buffer = new Uint8Array(16);
    let sum = 0;
    for (;;) {
      const length = attempt('recvmsg', this.#pair[1].number, headerOf(buffer), 0x40);
      if (length <= 0) return sum;
      assert.equal(buffer[0], PACKET.CREDIT);
      sum += creditOf(buffer);
    }
  }

  [Symbol.dispose](): void {
    this.input.end();
    this.reader.close();
    this.client.close();
    this.#pair[1].close();
  }
}

let vector = new BigUint64Array(2);

function headerOf(buffer: Uint8Array): BigUint64Array {
  vector = new BigUint64Array([BigInt(addr(buffer)), BigInt(buffer.length)]);
  return new BigUint64Array([0n, 0n, BigInt(addr(vector)), 1n, 0n, 0n, 0n]);
}

test('what the container has not read is kept and credited only when it goes on', () => {
  using trial = new Trial();
  const large = new Uint8Array(100_000);
  trial.input.take(trial.client, large);
  const room = trial.credits();
  assert.ok(room > 0 && room < large.length);
  assert.equal(trial.input.isIdle, false);
  assert.equal(trial.read(), room);
  trial.input.watches()[0]?.ready(4);
  assert.equal(trial.credits(), large.length - room);
  assert.equal(trial.read(), large.length - room);
});

test('end() closes after all that is under way', () => {
  using trial = new Trial();
  trial.input.take(trial.client, new Uint8Array(100_000));
  trial.input.end();
  let total = trial.read() ?? 0;
  trial.input.watches()[0]?.ready(4);
  total += trial.read() ?? 0;
  assert.equal(total, 100_000);
  assert.equal(trial.input.isOpen, false);
  assert.equal(trial.read(), undefined);
});

test('input for a container that reads no more is dropped, and credited all the same', () => {
  using trial = new Trial();
  trial.reader.close();
  trial.input.watches()[0]?.ready(8);
  assert.equal(trial.input.isOpen, false);
  trial.input.take(trial.client, new Uint8Array(500));
  assert.equal(trial.credits(), 500);
});

test('a client that sends more than its credit is dropped', () => {
  using trial = new Trial();
  for (let sent = 0; sent <= STDIN_WINDOW * 2 + 65536; sent += 65536)
    trial.input.take(trial.client, new Uint8Array(65536));
  assert.equal(trial.client.isGone, true);
});
