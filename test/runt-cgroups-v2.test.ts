// Control groups of version 2: the same files as with crun, devices by BPF, and what only v2 has. `npm run vm` has a
// kernel for them: docs/vm.md.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';
import type { RuntimeName } from './runtime/programs.ts';
import { CGROUP_MOUNT, MIB, readCgroup } from './runtime/unified.ts';

function pidOf(bundle: Bundle): number {
  return (JSON.parse(bundle.call(['state', bundle.id]).stdout) as { pid: number }).pid;
}

function cgroupOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim();
}

/** The VM's empty disk. */
const DISK = { major: 254, minor: 0 };

/** What a document asks for, and in which files the answer lies. */
const LIMITS: readonly (readonly [resources: object, files: readonly string[]])[] = [
  [
    {},
    [
      'memory.max',
      'memory.swap.max',
      'memory.low',
      'pids.max',
      'cpu.max',
      'cpu.weight',
      'cpuset.cpus',
      'io.max',
    ],
  ],
  [
    { memory: { limit: 64 * MIB, swap: 96 * MIB, reservation: 32 * MIB } },
    ['memory.max', 'memory.swap.max', 'memory.low'],
  ],
  [{ memory: { limit: 64 * MIB, swap: 64 * MIB } }, ['memory.max', 'memory.swap.max']],
  [{ memory: { limit: 64 * MIB, swap: -1 } }, ['memory.max', 'memory.swap.max']],
  [{ memory: { limit: -1, swap: -1 } }, ['memory.max', 'memory.swap.max']],
  [{ cpu: { quota: 25000, period: 50000 } }, ['cpu.max']],
  [{ cpu: { quota: 25000 } }, ['cpu.max']],
  [{ cpu: { period: 50000 } }, ['cpu.max']],
  [{ cpu: { quota: -1, period: 50000 } }, ['cpu.max']],
  [{ cpu: { cpus: '1', mems: '0' } }, ['cpuset.cpus', 'cpuset.mems', 'cpuset.cpus.effective']],
  [{ pids: { limit: 33 } }, ['pids.max']],
  [{ pids: { limit: -1 } }, ['pids.max']],
  [{ hugepageLimits: [{ pageSize: '2MB', limit: 4 * MIB }] }, ['hugetlb.2MB.max']],
  [
    {
      blockIO: {
        throttleReadBpsDevice: [{ ...DISK, rate: MIB }],
        throttleWriteIOPSDevice: [{ ...DISK, rate: 50 }],
      },
    },
    ['io.max'],
  ],
  [
    { unified: { 'memory.high': '50331648', 'pids.max': '44', 'io.max': '254:0 wbps=2097152' } },
    ['memory.high', 'pids.max', 'io.max'],
  ],
];

function filesUnder(name: RuntimeName, resources: object, files: readonly string[]): readonly string[] {
  using bundle = new Bundle();
  bundle.config.linux.resources = { ...resources };
  bundle.config.process['args'] = ['sleep', '1000'];
  bundle.write();
  const { code, stderr } = bundle.call(['run', '--detach', '--bundle', bundle.path, bundle.id], {}, name);
  try {
    assert.equal(code, 0, `${name}: ${stderr}`);
    return files.map((file) => `${file}: ${readCgroup(bundle, file)}`);
  } finally {
    bundle.call(['delete', '--force', bundle.id], {}, name);
  }
}

test('every limit comes out in the same files as with crun', () => {
  for (const [resources, files] of LIMITS)
    assert.deepEqual(filesUnder('runt', resources, files), filesUnder('crun', resources, files));
});

test('shares become a weight by the present curve, and idle takes its place', () => {
  for (const [shares, weight] of [
    [2, 1],
    [512, 59],
    [1024, 100],
    [262144, 10000],
  ] as const)
    assert.deepEqual(filesUnder('runt', { cpu: { shares } }, ['cpu.weight']), [`cpu.weight: ${weight}`]);
  assert.deepEqual(filesUnder('runt', { cpu: { idle: 1, shares: 1024 } }, ['cpu.idle']), ['cpu.idle: 1']);
});

test('burst, reserved huge pages and a weight of block I/O are in their files', () => {
  assert.deepEqual(
    filesUnder('runt', { cpu: { quota: 20000, burst: 10000 } }, ['cpu.max', 'cpu.max.burst']),
    ['cpu.max: 20000 100000', 'cpu.max.burst: 10000'],
  );
  const huge = { hugepageLimits: [{ pageSize: '2MB', limit: 2 * MIB }] };
  assert.deepEqual(filesUnder('runt', huge, ['hugetlb.2MB.rsvd.max']), ['hugetlb.2MB.rsvd.max: 2097152']);
  assert.deepEqual(filesUnder('runt', { blockIO: { weight: 505 } }, ['io.weight']), [
    'io.weight: default 5000',
  ]);
});

test('what v2 lacks, and limits that contradict each other, are refused by their field', () => {
  using bundle = new Bundle();
  for (const [resources, field] of [
    [{ memory: { swappiness: 5 } }, 'memory.swappiness'],
    [{ memory: { disableOOMKiller: true } }, 'memory.disableOOMKiller'],
    [{ memory: { limit: MIB, swap: 5 } }, 'memory.swap'],
    [{ cpu: { realtimeRuntime: 5 } }, 'cpu.realtimeRuntime'],
    [{ network: { classID: 5 } }, 'network.classID'],
    [{ cpu: { quota: 5 } }, 'cpu.quota'],
    [{ cpu: { cpus: '999' } }, 'cpu.cpus'],
    [{ unified: { 'memory.nothing': '1' } }, 'unified.memory.nothing'],
    [{ unified: { 'nothing.max': '1' } }, 'unified.nothing.max'],
    [{ unified: { '../pids.max': '1' } }, 'unified.../pids.max'],
  ] as const) {
    bundle.config.linux.resources = resources;
    const { code, stderr } = bundle.run();
    assert.deepEqual([code, stderr.includes(`linux.resources.${field}`)], [1, true], stderr);
    assert.deepEqual(bundle.leftovers(), []);
  }
});

/** Rules, and what a container may do under them with /dev/mem (1:1), /dev/kmsg (1:11), /dev/null and a disk. */
const RULES: readonly (readonly object[])[] = [
  [],
  [{ allow: false, access: 'rwm' }],
  [{ allow: true, access: 'rwm' }],
  [
    { allow: false, access: 'rwm' },
    { allow: true, type: 'c', major: 1, minor: 11, access: 'r' },
  ],
  [
    { allow: false, access: 'rwm' },
    { allow: true, type: 'b', access: 'r' },
    { allow: true, type: 'c', major: 1, access: 'rwm' },
  ],
];

const PROBE = `
mknod /kmsg c 1 11; mknod /mem c 1 1; mknod /disk b 254 0
for device in /kmsg /mem /disk /dev/null; do
  for flags in '<' '>>' '<>'; do
    (eval ": $flags $device") 2>/dev/null && echo "$device $flags yes" || echo "$device $flags no"
  done
done`;

test('devices are those that crun lets through, for reading, writing and both', () => {
  using bundle = new Bundle();
  const set = ['CAP_MKNOD', 'CAP_SYS_RAWIO', 'CAP_SYS_ADMIN', 'CAP_SYSLOG', 'CAP_DAC_OVERRIDE'];
  bundle.config.process['capabilities'] = { bounding: set, permitted: set, effective: set };
  for (const devices of RULES) {
    bundle.config.linux.resources = { devices };
    bundle.script(`rm -f /kmsg /mem /disk; ${PROBE}`);
    const ours = bundle.run();
    assert.equal(ours.code, 0, ours.stderr);
    assert.match(ours.stdout, /^\/dev\/null <> yes$/m);
    if (devices.length > 0) assert.equal(ours.stdout, bundle.run({}, 'crun').stdout, JSON.stringify(devices));
    else assert.match(ours.stdout, /^\/kmsg < no$/m);
  }
});

test('what one rule allows and a later one denies is denied, in company too', () => {
  using bundle = new Bundle();
  const set = ['CAP_MKNOD', 'CAP_SYS_ADMIN', 'CAP_SYSLOG', 'CAP_DAC_OVERRIDE'];
  bundle.config.process['capabilities'] = { bounding: set, permitted: set, effective: set };
  // crun 1.8.1 lets through who asks for both at once.
  const kmsg = { type: 'c', major: 1, minor: 11 };
  const devices = [
    { allow: false, access: 'rwm' },
    { allow: true, ...kmsg, access: 'rw' },
    { allow: false, ...kmsg, access: 'w' },
  ];
  bundle.config.linux.resources = { devices };
  const { stdout } = bundle.script(PROBE).run();
  assert.match(stdout, /^\/kmsg < yes\n\/kmsg >> no\n\/kmsg <> no\n/);
});

test('init is born in its cgroup, and exec’s processes as well', () => {
  using bundle = new Bundle();
  bundle.script('exec sleep 1000').write();
  assert.equal(bundle.call(['create', '--bundle', bundle.path, bundle.id]).code, 0);
  assert.equal(cgroupOf(pidOf(bundle)), `0::/${bundle.id}`);
  assert.equal(bundle.call(['exec', bundle.id, 'cat', '/proc/self/cgroup']).stdout, '0::/\n');
  assert.equal(bundle.call(['exec', '--detach', bundle.id, 'sleep', '1000']).code, 0);
  assert.equal(readCgroup(bundle, 'cgroup.procs').split('\n').length, 2);
});

test('a cgroup mount shows the container’s own group, read-only if it is to be', () => {
  using bundle = new Bundle();
  bundle.config.mounts.push({ ...CGROUP_MOUNT, options: [...CGROUP_MOUNT.options, 'ro'] });
  bundle.config.linux.resources = { pids: { limit: 55 } };
  bundle.script(
    'cd /sys/fs/cgroup; cat pids.max cgroup.procs; (echo 1 > pids.max) 2>&1; grep cgroup2 /proc/self/mounts',
  );
  const text = bundle.run().stdout;
  assert.match(text, /^55\n1\n2\nsh: can't create pids.max: Read-only file system\n/);
  assert.match(text, /^cgroup \/sys\/fs\/cgroup cgroup2 ro,nosuid,nodev,noexec,relatime/m);
});

test('a memory limit ends the program that exceeds it, and a limit of processes forbids more', () => {
  using bundle = new Bundle();
  bundle.config.linux.resources = { memory: { limit: 16 * MIB, swap: 16 * MIB }, pids: { limit: 3 } };
  assert.equal(bundle.script('exec dd if=/dev/zero of=/dev/null bs=64M count=1').run().code, 137);
  const { code, stderr } = bundle.script('sleep 9 & sleep 9 & sleep 9 & sleep 9 & wait').run();
  assert.notEqual(code, 0);
  assert.match(stderr, /can't fork/);
});
