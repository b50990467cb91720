// Where a container lies in the tree of cgroup v2: what is made, passed on, shared, killed and removed.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { until } from './engine/engine.ts';
import { Bundle } from './runtime/bundle.ts';
import { CGROUP, CGROUP_MOUNT, MIB, readCgroup } from './runtime/unified.ts';

test('exec finds init where a container has put it that shares out its controllers itself', async () => {
  using bundle = new Bundle();
  bundle.config.mounts.push(CGROUP_MOUNT);
  bundle.script(
    'cd /sys/fs/cgroup && mkdir own && echo 1 > own/cgroup.procs && echo +memory > cgroup.subtree_control && sleep 1000',
  );
  bundle.write();
  assert.equal(bundle.call(['run', '--detach', '--bundle', bundle.path, bundle.id]).code, 0);
  const isShared = (): boolean => readCgroup(bundle, 'cgroup.subtree_control') === 'memory';
  await until('the controllers', isShared);
  const { stdout, stderr } = bundle.call(['exec', bundle.id, 'cat', '/proc/self/cgroup']);
  assert.deepEqual([stdout, stderr], ['0::/own\n', '']);
  assert.ok((JSON.parse(bundle.call(['ps', '--format', 'json', bundle.id]).stdout) as number[]).length > 0);
});

test('controllers are passed on down to a cgroupsPath of several parts', () => {
  using bundle = new Bundle();
  bundle.config.linux['cgroupsPath'] = `/${bundle.id}/a/b`;
  bundle.config.linux.resources = { memory: { limit: 64 * MIB } };
  bundle.start();
  assert.equal(readCgroup(bundle, 'a/b/memory.max'), String(64 * MIB));
  assert.equal(
    readCgroup(bundle, 'a/cgroup.subtree_control'),
    readFileSync(`${CGROUP}/cgroup.controllers`, 'utf8').trim(),
  );
  assert.equal(readCgroup(bundle, 'a/b/cgroup.subtree_control'), '');
  assert.equal(bundle.call(['delete', '--force', bundle.id]).code, 0);
  assert.equal(existsSync(`${CGROUP}/${bundle.id}/a/b`), false);
  rmdirSync(`${CGROUP}/${bundle.id}/a`);
  rmdirSync(`${CGROUP}/${bundle.id}`);
});

test('below a cgroup with processes of its own a limit is refused in words, and no limit is well', async () => {
  using bundle = new Bundle();
  const parent = `${CGROUP}/inner-${bundle.id}`;
  mkdirSync(parent);
  const holder = spawn('sleep', ['1000']);
  try {
    writeFileSync(`${parent}/cgroup.procs`, String(holder.pid));
    bundle.config.linux['cgroupsPath'] = `/inner-${bundle.id}/box`;
    bundle.config.linux.resources = { memory: { limit: 64 * MIB } };
    const { code, stderr } = bundle.run();
    assert.equal(code, 1);
    assert.match(stderr, /linux\.resources\.memory\.limit needs the cgroup v2 controller memory/);
    assert.match(stderr, /does not pass on, since it has processes of its own/);
    bundle.config.linux.resources = {};
    assert.equal(bundle.script('true').run().code, 0);
  } finally {
    holder.kill('SIGKILL');
    await until('the holder’s end', () => isRemoved(parent));
  }
});

function isRemoved(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch {
    return false;
  }
}

test('a group with somebody else’s processes is shared, unless the kernel refuses it, and they outlive the container', () => {
  using bundle = new Bundle();
  bundle.config.linux['cgroupsPath'] = `/${bundle.id}/box`;
  bundle.start();
  // Processes can't be in a group that passes controllers on.
  for (const [path, expected] of [
    [`/${bundle.id}/box`, 0],
    [`/${bundle.id}`, 1],
  ] as const) {
    using other = new Bundle();
    other.config.linux['cgroupsPath'] = path;
    const { code, stderr } = other.run();
    assert.equal(code, expected, stderr);
    if (expected === 0) assert.match(stderr, /The container's cgroup is not empty/);
  }
  assert.equal(JSON.parse(bundle.call(['state', bundle.id]).stdout).status, 'running');
  bundle.call(['delete', '--force', bundle.id]);
  rmdirSync(`${CGROUP}/${bundle.id}`);
});

test('delete --force ends a fork bomb without a pid namespace, with groups that it made', () => {
  using bundle = new Bundle();
  bundle.config.linux.namespaces = bundle.config.linux.namespaces.filter(({ type }) => type !== 'pid');
  bundle.config.mounts = [CGROUP_MOUNT];
  bundle.config.linux.resources = { pids: { limit: 60 } };
  bundle.script('mkdir /sys/fs/cgroup/in; bomb() { while true; do bomb & done; }; bomb');
  bundle.write();
  assert.equal(bundle.call(['run', '--detach', '--bundle', bundle.path, bundle.id]).code, 0);
  assert.equal(bundle.call(['delete', '--force', bundle.id]).code, 0);
  assert.deepEqual(bundle.leftovers(), []);
});

test('kill --all reaches everybody, in groups below too', async () => {
  using bundle = new Bundle();
  bundle.config.linux.namespaces = bundle.config.linux.namespaces.filter(({ type }) => type !== 'pid');
  bundle.config.mounts = [];
  bundle.start();
  assert.equal(bundle.call(['exec', '--detach', bundle.id, 'sleep', '1000']).code, 0);
  mkdirSync(`${CGROUP}/${bundle.id}/sub`);
  const [, second = ''] = readCgroup(bundle, 'cgroup.procs').split('\n');
  writeFileSync(`${CGROUP}/${bundle.id}/sub/cgroup.procs`, second);
  assert.equal(bundle.call(['kill', '--all', bundle.id, 'KILL']).code, 0);
  await until('their end', () => readCgroup(bundle, 'cgroup.events').includes('populated 0'));
});

test('a run leaves no group, whoever ends it', () => {
  using bundle = new Bundle();
  const before = readdirSync(CGROUP);
  assert.equal(bundle.script('exit 7').run().code, 7);
  bundle.config.process['args'] = ['/no/such'];
  assert.equal(bundle.run().code, 1);
  assert.deepEqual(readdirSync(CGROUP), before);
});
