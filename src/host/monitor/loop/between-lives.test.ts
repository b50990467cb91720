import assert from 'node:assert/strict';
import { socketPair } from '../../kernel/sockets.ts';
import { test } from 'node:test';
import { lastingOf, smallOf } from './between-lives.ts';
import { Client } from './client.ts';
import type { MonitorState } from './state.ts';

const STATE = { places: {}, directory: 3, listener: 4 } as unknown as MonitorState;

test('the next life hears nothing of a client who left in the turn before it', () => {
  const [ours, theirs] = socketPair();
  using _peer = theirs;
  const [stays, leaves] = [ours.release(), 99].map(
    (fd) => new Client(fd, { isAttached: true, isStdin: false }),
  ) as [Client, Client];
  leaves.close();
  const clients = [leaves, stays];
  const expected = [{ fd: stays.fd, isAttached: true, isStdin: false }];
  assert.deepEqual(lastingOf(STATE, undefined, clients).clients, expected);
  const rest = { stdin: undefined, timeout: undefined, wish: undefined, supervision: undefined };
  const live = { ...rest, outputs: [], clients };
  assert.deepEqual(smallOf(STATE, live).clients, expected);
  stays.close();
});
