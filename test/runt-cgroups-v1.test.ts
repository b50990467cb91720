// Control groups of version 1: every limit read back from cgroupfs, and what is left afterwards.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { basename } from 'node:path';
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
    // On a hybrid host it is in version 2 as well, which has no file of that name.
    if (!group.startsWith('/sys/fs/cgroup/unified/'))
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

test('exec --cgroup joins a cgroup below the container’s, in all hierarchies or in those named', () => {
  using bundle = new Bundle();
  bundle.start();
  const own = (controller: string): string => `/sys/fs/cgroup/${controller}/${bundle.id}`;
  const made = ['cpu', 'memory'].map((controller) => `${own(controller)}/sub`);
  made.forEach((path) => mkdirSync(path));
  const cgroupOf = (flags: readonly string[], controller: string): string => {
    const { code, stdout, stderr } = bundle.call(['exec', ...flags, bundle.id, 'cat', '/proc/self/cgroup']);
    assert.equal(code, 0, stderr);
    return new RegExp(`:${controller}:(.*)`).exec(stdout)?.[1] ?? '';
  };
  try {
    const flags = ['--cgroup', 'cpu,memory:sub'];
    assert.deepEqual(
      [cgroupOf(flags, 'cpu'), cgroupOf(flags, 'memory'), cgroupOf(flags, 'pids')],
      ['/sub', '/sub', '/'],
    );
    assert.equal(cgroupOf(['--cgroup', 'cpu:sub', '--cgroup', 'memory:/'], 'memory'), '/');
    const refused = (wish: string): string =>
      bundle.call(['exec', '--cgroup', wish, bundle.id, 'true']).stderr;
    assert.match(
      refused('sub'),
      /--cgroup takes a cgroup that exists: adding pid \d+ to .*\/sub\/cgroup\.procs: no such file/,
    );
    assert.match(refused('../..'), / \.\.\/\.\. is not a sub cgroup path/);
    assert.match(refused('nosuch:sub'), /unknown controller "nosuch"/);
  } finally {
    made.forEach((path) => rmdirSync(path));
  }
});

test('a limit whose controller is not there is refused by its field, and what only v2 has as well', () => {
  using bundle = new Bundle();
  for (const [resources, field, controller] of [
    [{ unified: { 'memory.high': '1' } }, 'linux.resources.unified', undefined],
    [{ hugepageLimits: [{ pageSize: '2MB', limit: 0 }] }, 'linux.resources.hugepageLimits[0]', 'hugetlb'],
    [{ network: { classID: 1 } }, 'linux.resources.network.classID', 'net_cls'],
    [
      { network: { priorities: [{ name: 'lo', priority: 1 }] } },
      'linux.resources.network.priorities[0]',
      'net_prio',
    ],
    [{ rdma: { mlx: { hcaHandles: 1 } } }, 'linux.resources.rdma.mlx', 'rdma'],
  ] as const) {
    if (controller !== undefined && cgroupsNamed('').some((path) => path.split(/[/,]/).includes(controller)))
      continue;
    bundle.config.linux.resources = resources;
    const { code, stderr } = bundle.run();
    assert.deepEqual([code, stderr.includes(`The field ${field} needs`)], [1, true], stderr);
  }
});

/** Each hierarchy in which a controller lies, by the name that its directory has. */
function hierarchyOf(controller: string): string | undefined {
  return cgroupsNamed('').find((path) => basename(path).split(',').includes(controller));
}

test('limits on huge pages, network classes and block I/O are in their files where the kernel has them', () => {
  using bundle = new Bundle();
  const tried: readonly (readonly [controller: string, resources: object, file: string, value: string])[] = [
    [
      'hugetlb',
      { hugepageLimits: [{ pageSize: '2MB', limit: 4 << 20 }] },
      'hugetlb.2MB.limit_in_bytes',
      '4194304',
    ],
    [
      'hugetlb',
      { hugepageLimits: [{ pageSize: '2MB', limit: 2 << 20 }] },
      'hugetlb.2MB.rsvd.limit_in_bytes',
      '2097152',
    ],
    ['net_cls', { network: { classID: 1048577 } }, 'net_cls.classid', '1048577'],
    ['net_prio', { network: { priorities: [{ name: 'lo', priority: 7 }] } }, 'net_prio.ifpriomap', 'lo 7'],
    [
      'blkio',
      { blockIO: { throttleReadBpsDevice: [{ ...disk(), rate: 1048576 }] } },
      'blkio.throttle.read_bps_device',
      `${disk().major}:${disk().minor} 1048576`,
    ],
  ];
  for (const [controller, resources, file, value] of tried) {
    const hierarchy = hierarchyOf(controller);
    if (hierarchy === undefined) continue;
    bundle.config.linux.resources = { ...resources };
    bundle.start();
    assert.match(readFileSync(`${hierarchy}/${bundle.id}/${file}`, 'utf8'), new RegExp(`^${value}$`, 'm'));
    bundle.call(['delete', '--force', bundle.id]);
  }
});

/** Any disk of the machine. */
function disk(): { readonly major: number; readonly minor: number } {
  const [name = ''] = readdirSync('/sys/block').filter((one) => /^(vd|sd|nvme)/.test(one));
  const [major = 0, minor = 0] = readFileSync(`/sys/block/${name}/dev`, 'utf8').trim().split(':').map(Number);
  return { major, minor };
}
