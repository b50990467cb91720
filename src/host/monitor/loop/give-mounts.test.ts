import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attempt } from '../../kernel/call.ts';
import { AT, O, OPEN_TREE } from '../../kernel/constants.ts';
import type { Fd } from '../../kernel/files.ts';
import { cloneTree } from '../../kernel/mounts.ts';
import { exit, fork, waitFor } from '../../kernel/process.ts';
import { socketPair } from '../../kernel/sockets.ts';
import { MonitorConnection } from '../connect-monitor.ts';
import { requestLayers, requestRootfs } from '../request-mounts.ts';
import { Scratch } from '../trial/scratch.ts';
import { Client } from './client.ts';
import { giveMounts } from './give-mounts.ts';
import type { MonitorState } from './state.ts';

/** A child serves one request with what a monitor has. */
function withMonitor(state: Partial<MonitorState>, body: (connection: MonitorConnection) => void): void {
  const [ours, theirs] = socketPair();
  const pid = fork();
  if (pid === 0) {
    const packet = new Uint8Array(65536);
    const length = attempt('read', theirs.number, packet, packet.length);
    const client = new Client(theirs.number, { isAttached: false, isStdin: false });
    giveMounts(client, state as MonitorState, packet.subarray(0, length));
    exit(0);
  }
  theirs.close();
  using connection = new MonitorConnection(ours);
  body(connection);
  assert.equal(waitFor(pid), 0);
}

function create(root: Fd | undefined): number {
  assert.ok(root !== undefined);
  const result = attempt('openat', root?.number ?? -1, 'made', O.WRONLY | O.CREAT | O.CLOEXEC, 0o600);
  if (result >= 0) attempt('close', result);
  root?.close();
  return result;
}

/** Since Linux 6.15 a detached mount can be copied, so that the copy alone is read-only. */
function canCopy(mount: Fd): boolean {
  const flags = OPEN_TREE.CLONE | OPEN_TREE.CLOEXEC | AT.EMPTY_PATH;
  const copied = attempt('open_tree', mount.number, '', flags);
  if (copied >= 0) attempt('close', copied);
  return copied >= 0;
}

test('a monitor hands out its root file system, read-only unless it is to be changed', () => {
  using scratch = new Scratch();
  using lease = cloneTree(AT.FDCWD, scratch.path, false);
  withMonitor({ lease: lease.number }, (connection) => {
    const created = create(requestRootfs(connection, false));
    if (canCopy(lease)) assert.equal(created, -30);
    else assert.ok(created >= 0);
  });
  withMonitor({ lease: lease.number }, (connection) => {
    assert.ok(create(requestRootfs(connection, true)) >= 0);
  });
});

test('a monitor hands out the layers that it has, by their files', () => {
  using scratch = new Scratch();
  using mount = cloneTree(AT.FDCWD, scratch.path, false);
  withMonitor({ layers: [{ file: '/b', fd: mount.number }] }, (connection) => {
    const found = requestLayers(connection, { files: ['/a', '/b', '/c'], timeout: -1 });
    assert.deepEqual([...found.keys()], ['/b']);
    for (const fd of found.values()) fd.close();
  });
});

test('a monitor that ends meanwhile gives nothing', () => {
  const [ours, theirs] = socketPair();
  theirs.close();
  using connection = new MonitorConnection(ours);
  assert.equal(requestRootfs(connection, true), undefined);
  assert.equal(requestLayers(connection, { files: ['/a'], timeout: -1 }).size, 0);
});
