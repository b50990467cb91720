// Control groups of version 1: every limit read back from cgroupfs, and what is left afterwards.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle, cgroupsNamed } from './runtime/bundle.ts';

const GIB = 1 << 30;

function limitsOf(bundle: Bundle, files: readonly string[], id = bundle.id): readonly string[] {
  return files.map((file) =>
    readFileSync(`/sys/fs/cgroup/${file.split('.')[0]}/${id}/${file}`, 'utf8').trim(),
  );
}

test('every limit of the document is in its file', () => {
  using bundle = new Bundle();
  bundle.config.linux.resources = {
    memory: { limit: GIB, reservation: GIB / 2, swappiness: 30, disableOOMKiller: true },
    cpu: { shares: 512, quota: 50000, period: 100000, cpus: '0', mems: '0' },
    pids: { limit: 77 },
  };
  bundle.start();
  const files = [
    'memory.limit_in_bytes',
    'memory.soft_limit_in_bytes',
    'memory.swappiness',
    'cpu.shares',
    'cpu.cfs_quota_us',
    'cpu.cfs_period_us',
    'cpuset.cpus',
    'cpuset.mems',
    'pids.max',
  ];
  const expected = [String(GIB), String(GIB / 2), '30', '512', '50000', '100000', '0', '0', '77'];
  assert.deepEqual(limitsOf(bundle, files), expected);
  assert.match(limitsOf(bundle, ['memory.oom_control'])[0] ?? '', /^oom_kill_disable 1$/m);
});

test('the process is in each hierarchy, by its whole thread group', () => {
  using bundle = new Bundle();
  bundle.start();
  const pid = String(JSON.parse(bundle.call(['state', bundle.id]).stdout).pid);
  const groups = cgroupsNamed(bundle.id);
  assert.ok(groups.length >= 8);
  for (const group of groups) {
    assert.equal(readFileSync(`${group}/cgroup.procs`, 'utf8'), `${pid}\n`);
    assert.equal(readFileSync(`${group}/tasks`, 'utf8'), `${pid}\n`);
  }
});

test('a memory limit ends the program that exceeds it, and a limit of processes forbids more', () => {
  using bundle = new Bundle();
  bundle.config.linux.resources = { memory: { limit: 16 << 20, swap: 16 << 20 }, pids: { limit: 3 } };
  assert.equal(bundle.script('exec dd if=/dev/zero of=/dev/null bs=64M count=1').run().code, 137);
  const { code, stderr } = bundle.script('sleep 9 & sleep 9 & sleep 9 & sleep 9 & wait').run();
  assert.notEqual(code, 0);
  assert.match(stderr, /can't fork/);
});

test('without rules every device but the default ones is refused', () => {
  using bundle = new Bundle();
  bundle.config.process['capabilities'] = {
    bounding: ['CAP_MKNOD'],
    permitted: ['CAP_MKNOD'],
    effective: ['CAP_MKNOD'],
  };
  const script =
    'mknod /dev/m c 1 1 && (cat /dev/m | head -c1) 2>&1; head -c1 /dev/zero | wc -c; echo > /dev/full 2>&1 || true';
  const { stdout } = bundle.script(script).run();
  assert.match(stdout, /\/dev\/m': Operation not permitted\n1\n/);
});

test('the list of devices is what runc makes of the same rules', () => {
  using bundle = new Bundle();
  bundle.config.linux.resources = {
    devices: [
      { allow: false, access: 'rwm' },
      { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' },
      { allow: true, type: 'b', major: 7, access: 'r' },
      { allow: true, type: 'c', major: 10, minor: 201, access: 'rwm' },
      { allow: false, type: 'c', major: 10, minor: 201, access: 'w' },
    ],
  };
  bundle.config.mounts.push({
    destination: '/sys/fs/cgroup',
    type: 'cgroup',
    source: 'cgroup',
    options: ['ro', 'nosuid'],
  });
  bundle.script('sort /sys/fs/cgroup/devices/devices.list');
  const ours = bundle.output();
  assert.match(ours, /^c 10:229 rw$/m);
  assert.match(ours, /^c 10:201 rm$/m);
  // Old runcs let every container have /dev/net/tun.
  assert.equal(ours, bundle.output('runc').replace('c 10:200 rwm\n', ''));
});

test('a first rule that allows everything leaves all devices open', () => {
  using bundle = new Bundle();
  bundle.config.linux.resources = { devices: [{ allow: true, access: 'rwm' }] };
  bundle.start();
  assert.deepEqual(limitsOf(bundle, ['devices.list']), ['a *:* rwm']);
});

test('a cgroup mount shows the container’s own groups only, read-only', () => {
  using bundle = new Bundle();
  bundle.config.mounts.push({
    destination: '/sys/fs/cgroup',
    type: 'cgroup',
    source: 'cgroup',
    options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'],
  });
  bundle.config.linux.resources = { pids: { limit: 55 } };
  const script = `cat /sys/fs/cgroup/pids/pids.max; (echo 1 > /sys/fs/cgroup/pids/pids.max) 2>&1; ls /sys/fs/cgroup; cat /sys/fs/cgroup/memory/cgroup.procs | wc -l`;
  const ours = bundle.script(script).output();
  assert.match(ours, /^55\nsh: can't create \/sys\/fs\/cgroup\/pids\/pids.max: Read-only file system\n/);
  assert.match(ours, /^cpu\n/m);
});

test('a cgroupsPath of several parts is made and its last part removed', () => {
  using bundle = new Bundle();
  bundle.config.linux['cgroupsPath'] = `${bundle.id}/a/b`;
  bundle.start();
  const [first = ''] = cgroupsNamed(bundle.id);
  assert.ok(existsSync(`${first}/a/b/cgroup.procs`));
  bundle.call(['delete', '--force', bundle.id]);
  for (const group of cgroupsNamed(bundle.id)) {
    assert.equal(existsSync(`${group}/a/b`), false);
    rmdirSync(`${group}/a`);
    rmdirSync(group);
  }
});

test('a group with somebody else’s processes is refused and left alone', () => {
  using bundle = new Bundle();
  bundle.start();
  using other = new Bundle();
  other.config.linux['cgroupsPath'] = `/${bundle.id}`;
  const { code, stderr } = other.run();
  assert.equal(code, 1);
  assert.match(stderr, /The cgroup .* has processes of somebody else/);
  assert.equal(JSON.parse(bundle.call(['state', bundle.id]).stdout).status, 'running');
});

test('a limit that the kernel refuses names its field, and no group is left', () => {
  using bundle = new Bundle();
  for (const [resources, field] of [
    [{ cpu: { cpus: '999' } }, 'linux.resources.cpu.cpus'],
    [{ cpu: { quota: 5 } }, 'linux.resources.cpu.quota'],
    [{ memory: { limit: 32 << 20, swap: 16 << 20 } }, 'linux.resources.memory.swap'],
  ] as const) {
    bundle.config.linux.resources = resources;
    const { code, stderr } = bundle.run();
    assert.equal(code, 1);
    assert.ok(stderr.includes(`Set ${field} by writing`), stderr);
    assert.deepEqual(cgroupsNamed(bundle.id), []);
  }
});

test('groups that the container made below its own go with it', () => {
  using bundle = new Bundle();
  bundle.start();
  for (const group of cgroupsNamed(bundle.id)) mkdirSync(`${group}/inner/most`, { recursive: true });
  assert.equal(bundle.call(['delete', '--force', bundle.id]).code, 0);
  assert.deepEqual(cgroupsNamed(bundle.id), []);
});

test('run ends processes that the first one left behind, without a pid namespace too', () => {
  using bundle = new Bundle();
  bundle.config.linux.namespaces = [{ type: 'mount' }];
  bundle.config.mounts = [];
  assert.equal(bundle.script('sleep 1000 & sleep 1000 & exit 3').run().code, 3);
  assert.deepEqual(bundle.leftovers(), []);
});
