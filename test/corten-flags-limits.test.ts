import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { byVersion, cgroupSays } from './engine/cgroup.ts';
import { Engine } from './engine/engine.ts';

const FILES: Readonly<Record<string, { readonly v1: string; readonly v2: string }>> = {
  reservation: { v1: 'memory/memory.soft_limit_in_bytes', v2: 'memory.low' },
  swap: { v1: 'memory/memory.memsw.limit_in_bytes', v2: 'memory.swap.max' },
  swappiness: { v1: 'memory/memory.swappiness', v2: 'memory.max' },
  oom: { v1: 'memory/memory.oom_control', v2: 'memory.max' },
  shares: { v1: 'cpu/cpu.shares', v2: 'cpu.weight' },
  period: { v1: 'cpu/cpu.cfs_period_us', v2: 'cpu.max' },
  quota: { v1: 'cpu/cpu.cfs_quota_us', v2: 'cpu.max' },
  cpus: { v1: 'cpuset/cpuset.cpus', v2: 'cpuset.cpus' },
  mems: { v1: 'cpuset/cpuset.mems', v2: 'cpuset.mems' },
};
const MB = 1 << 20;

/** A container that idles, and what its cgroups say. */
function idling(engine: Engine, ...flags: readonly string[]): (name: string) => string {
  const id = engine.note(engine.ok('run', '-d', ...flags, 'busybox', 'sleep', '1000'));
  return (name) => cgroupSays(id, FILES[name] ?? { v1: name, v2: name });
}

/** A block device of the machine, with its numbers. */
function blockDevice(): { readonly path: string; readonly numbers: string } {
  const name = readdirSync('/sys/block').find((one) => existsSync(`/dev/${one}`)) ?? '';
  return { path: `/dev/${name}`, numbers: readFileSync(`/sys/block/${name}/dev`, 'utf8').trim() };
}

test('--memory-reservation, --memory-swap and --memory-swappiness stand in the cgroup', () => {
  using engine = new Engine();
  const says = idling(
    engine,
    '-m=64m',
    '--memory-reservation=32m',
    '--memory-swap=96m',
    '--memory-swappiness=10',
  );
  assert.equal(says('reservation'), String(32 * MB));
  assert.equal(says('swap'), String(byVersion(96, 32) * MB));
  if (byVersion(true, false)) assert.equal(says('swappiness'), '10');
});

test('--oom-kill-disable lets programs wait', () => {
  using engine = new Engine();
  const says = idling(engine, '-m', '64m', '--oom-kill-disable');
  if (byVersion(true, false)) assert.match(says('oom'), /^oom_kill_disable 1$/m);
});

test('--cpu-shares, --cpu-period and --cpu-quota stand in the cgroup', () => {
  using engine = new Engine();
  const says = idling(engine, '--cpu-shares', '512', '--cpu-period', '50000', '--cpu-quota', '25000');
  if (byVersion(true, false)) assert.equal(says('shares'), '512');
  else assert.notEqual(says('shares'), '100');
  assert.equal(says('period'), byVersion('50000', '25000 50000'));
  assert.equal(says('quota'), byVersion('25000', '25000 50000'));
});

test('--cpu-rt-period and --cpu-rt-runtime are realtime', () => {
  using engine = new Engine();
  const says = idling(engine, '--cpu-rt-period', '900000', '--cpu-rt-runtime', '0');
  const file = 'cpu/cpu.rt_period_us';
  if (existsSync(`/sys/fs/cgroup/${file}`)) assert.equal(says(file), '900000');
});

test('--cpuset-cpus and --cpuset-mems are what the program may use', () => {
  using engine = new Engine();
  const text = engine.script(
    'grep _allowed_list /proc/self/status',
    '--cpuset-cpus',
    '0',
    '--cpuset-mems',
    '0',
  );
  assert.match(text.text, /^Cpus_allowed_list:\t0$/m);
  assert.match(text.text, /^Mems_allowed_list:\t0$/m);
});

test('--device-read-bps, --device-write-bps, --device-read-iops and --device-write-iops are throttles', () => {
  using engine = new Engine();
  const { path, numbers } = blockDevice();
  const says = idling(
    engine,
    `--device-read-bps=${path}:1m`,
    `--device-write-bps=${path}:2m`,
    `--device-read-iops=${path}:30`,
    `--device-write-iops=${path}:40`,
  );
  if (byVersion(false, true)) {
    assert.match(says('io.max'), new RegExp(`${numbers} rbps=1048576 wbps=2097152 riops=30 wiops=40`));
    return;
  }
  const throttle = (file: string): string => says(`blkio/blkio.throttle.${file}`);
  assert.equal(throttle('read_bps_device'), `${numbers} 1048576`);
  assert.equal(throttle('write_bps_device'), `${numbers} 2097152`);
  assert.equal(throttle('read_iops_device'), `${numbers} 30`);
  assert.equal(throttle('write_iops_device'), `${numbers} 40`);
});

test('--blkio-weight and --blkio-weight-device are weights, where the kernel has any', () => {
  using engine = new Engine();
  const { path } = blockDevice();
  const says = idling(engine, '--blkio-weight', '200', `--blkio-weight-device=${path}:300`);
  const files = ['blkio/blkio.bfq.weight', 'blkio/blkio.weight'];
  for (const file of files) if (existsSync(`/sys/fs/cgroup/${file}`)) assert.match(says(file), /\b200\b/);
  for (const wrong of ['9', '1001', 'much'])
    assert.equal(engine.call(['run', '--blkio-weight', wrong, 'busybox']).code, 125);
  assert.match(
    engine.call(['run', '--blkio-weight-device', '/dev/null:300', 'busybox', 'true']).stderr,
    /\/dev\/null is no block device/,
  );
});

test('--device-cgroup-rule lets a device be used that the program makes itself', () => {
  using engine = new Engine();
  const { rdev } = statSync('/dev/fuse');
  const [major, minor] = [(rdev >> 8) & 0xfff, (rdev & 0xff) | ((rdev >> 12) & 0xfff00)];
  const script = `mknod /tmp/f c ${major} ${minor}; : </tmp/f && echo opened`;
  assert.doesNotMatch(engine.script(script).text, /opened/);
  assert.match(engine.script(script, '--device-cgroup-rule', `c ${major}:* rwm`).text, /opened/);
});

test('--cgroup-parent is where its cgroup lies', () => {
  using engine = new Engine();
  const parent = `/corten-parent-${process.pid}`;
  const flags = ['--cgroup-parent', parent, '--pids-limit', '33'];
  const id = engine.note(engine.ok('run', '-d', ...flags, 'busybox', 'sleep', '1000'));
  assert.equal(cgroupSays(id, { v1: 'pids/pids.max', v2: 'pids.max' }, parent), '33');
  engine.ok('rm', '-f', id);
  const hierarchies = byVersion(readdirSync('/sys/fs/cgroup'), ['.']);
  for (const hierarchy of hierarchies) {
    const path = `/sys/fs/cgroup/${hierarchy}${parent}`;
    if (!existsSync(path)) continue;
    assert.deepEqual(
      readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory()),
      [],
    );
    rmdirSync(path);
  }
});

test('limits that contradict each other are refused, and leave nothing', () => {
  using engine = new Engine();
  const cases: readonly (readonly [RegExp, readonly string[]])[] = [
    [/--memory-swap .* give --memory too/, ['--memory-swap', '64m']],
    [/--memory-swap must not be below --memory/, ['-m', '64m', '--memory-swap', '32m']],
    [/--memory-reservation must not be above --memory/, ['-m', '64m', '--memory-reservation', '65m']],
    [/--cpus says the same/, ['--cpus', '1', '--cpu-quota', '1000']],
    [/--cpuset-cpus takes numbers/, ['--cpuset-cpus', 'all']],
    [/--device-cgroup-rule takes a rule/, ['--device-cgroup-rule', 'everything']],
    [/--device-read-bps takes a device/, ['--device-read-bps', 'vda:1m']],
    [/--memory-swappiness takes/, ['--memory-swappiness', '101']],
    [/--cgroup-parent takes/, ['--cgroup-parent', '../up']],
  ];
  for (const [message, flags] of cases) {
    const { code, stderr } = engine.call(['run', ...flags, 'busybox', 'true']);
    assert.equal(code, 125, flags.join(' '));
    assert.match(stderr, message);
  }
  assert.deepEqual(engine.traces(), []);
});
