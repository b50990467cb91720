// update: every flag, documents from a file and from standard input, and what the kernel refuses.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';

const CGROUPS = '/sys/fs/cgroup';

function running(resources: object = {}): Bundle {
  const bundle = new Bundle();
  bundle.config.linux['resources'] = { ...resources };
  bundle.start();
  return bundle;
}

function valueOf(bundle: Bundle, controller: string, file: string): string {
  return readFileSync(`${CGROUPS}/${controller}/${bundle.id}/${file}`, 'utf8').trim();
}

function update(bundle: Bundle, ...flags: readonly string[]): void {
  const { code, stdout, stderr } = bundle.call(['update', ...flags, bundle.id]);
  assert.deepEqual([code, stdout, stderr], [0, '', ''], flags.join(' '));
}

const MEMORY = { memory: { limit: 33554432, reservation: 25165824 }, pids: { limit: 20 } };

/** Flags, the file that they change, and what is in it then. */
const CHANGES: readonly (readonly [readonly string[], string, string])[] = [
  [['--memory', '50m'], 'memory/ID/memory.limit_in_bytes', '52428800'],
  [['--memory', '67108864'], 'memory/ID/memory.limit_in_bytes', '67108864'],
  [['--memory-reservation', '33554432'], 'memory/ID/memory.soft_limit_in_bytes', '33554432'],
  [['--memory', '-1'], 'memory/ID/memory.limit_in_bytes', '9223372036854771712'],
  [['--cpu-period', '900000', '--cpu-quota', '600000'], 'cpu/ID/cpu.cfs_quota_us', '600000'],
  [['--cpu-quota', '-1'], 'cpu/ID/cpu.cfs_quota_us', '-1'],
  [['--cpu-share', '200'], 'cpu/ID/cpu.shares', '200'],
  [['--cpuset-cpus', '0'], 'cpuset/ID/cpuset.cpus', '0'],
  [['--cpuset-mems', '0'], 'cpuset/ID/cpuset.mems', '0'],
  [['--pids-limit', '10'], 'pids/ID/pids.max', '10'],
  [['--pids-limit', '-1'], 'pids/ID/pids.max', 'max'],
];

test('each flag of update changes its limit, as runc’s does', () => {
  for (const name of ['runt', 'runc'] as const) {
    const bundle = new Bundle();
    bundle.config.linux['resources'] = MEMORY;
    bundle.config.process['args'] = ['sleep', '1000'];
    bundle.write();
    try {
      assert.equal(bundle.call(['run', '-d', '--bundle', bundle.path, bundle.id], {}, name).code, 0);
      for (const [flags, file, value] of CHANGES) {
        const { code, stderr } = bundle.call(['update', ...flags, bundle.id], {}, name);
        assert.equal(code, 0, `${name} ${flags.join(' ')}: ${stderr}`);
        const content = readFileSync(`${CGROUPS}/${file.replace('ID', bundle.id)}`, 'utf8').trim();
        assert.equal(content, value, `${name} ${flags.join(' ')}`);
      }
    } finally {
      bundle.call(['delete', '--force', bundle.id], {}, name);
      bundle[Symbol.dispose]();
    }
  }
});

test('a flag that is not given leaves its limit alone', () => {
  using bundle = running(MEMORY);
  update(bundle, '--cpu-share', '300');
  assert.equal(valueOf(bundle, 'memory', 'memory.limit_in_bytes'), '33554432');
  assert.equal(valueOf(bundle, 'pids', 'pids.max'), '20');
});

test('limits that depend on each other are changed in whichever order the kernel takes', () => {
  using bundle = running(MEMORY);
  update(bundle, '--memory', '40m', '--memory-swap', '60m');
  update(bundle, '--memory', '80m', '--memory-swap', '100m');
  assert.equal(valueOf(bundle, 'memory', 'memory.memsw.limit_in_bytes'), String(100 << 20));
  update(bundle, '--memory', '40m', '--memory-swap', '60m');
  assert.equal(valueOf(bundle, 'memory', 'memory.memsw.limit_in_bytes'), String(60 << 20));
  assert.equal(valueOf(bundle, 'memory', 'memory.limit_in_bytes'), String(40 << 20));
  update(bundle, '--memory', '-1');
  assert.equal(valueOf(bundle, 'memory', 'memory.memsw.limit_in_bytes'), '9223372036854771712');
});

test('a burst and idleness can be set and taken back', () => {
  using bundle = running();
  update(bundle, '--cpu-period', '100000', '--cpu-quota', '50000', '--cpu-burst', '10000');
  assert.equal(valueOf(bundle, 'cpu', 'cpu.cfs_burst_us'), '10000');
  update(bundle, '--cpu-burst', '0', '--cpu-idle', '1');
  assert.deepEqual(
    [valueOf(bundle, 'cpu', 'cpu.cfs_burst_us'), valueOf(bundle, 'cpu', 'cpu.idle')],
    ['0', '1'],
  );
  update(bundle, '--cpu-idle', '0');
  assert.equal(valueOf(bundle, 'cpu', 'cpu.idle'), '0');
});

test('a document comes from a file or standard input; zeros, nulls and rules for devices change nothing', () => {
  using bundle = running(MEMORY);
  const devices = valueOf(bundle, 'devices', 'devices.list');
  const document = {
    devices: [{ allow: true, access: 'rwm' }],
    memory: { limit: 50331648, reservation: 0, swap: null, kernel: 0 },
    cpu: { shares: 400, quota: 0, cpus: '' },
    pids: { limit: 0 },
    blockIO: { weight: 0 },
  };
  const text = JSON.stringify(document);
  const { code, stderr } = bundle.call(['update', '--resources', '-', bundle.id], { input: text });
  assert.deepEqual([code, stderr], [0, '']);
  const seen = (): readonly string[] => [
    valueOf(bundle, 'memory', 'memory.limit_in_bytes'),
    valueOf(bundle, 'memory', 'memory.soft_limit_in_bytes'),
    valueOf(bundle, 'cpu', 'cpu.shares'),
    valueOf(bundle, 'pids', 'pids.max'),
    valueOf(bundle, 'devices', 'devices.list'),
  ];
  assert.deepEqual(seen(), ['50331648', '25165824', '400', '20', devices]);
  const file = `${bundle.folder}/resources.json`;
  writeFileSync(file, JSON.stringify({ cpu: { shares: 500 }, pids: { limit: 30 } }));
  update(bundle, '-r', file, '--pids-limit', '40');
  assert.deepEqual(seen(), ['50331648', '25165824', '500', '40', devices]);
});

test('what makes no sense is refused by name, and changes nothing', () => {
  using bundle = running(MEMORY);
  const refused = (flags: readonly string[], message: RegExp): void => {
    const { code, stdout, stderr } = bundle.call(['update', ...flags, bundle.id], { input: '{"memory": 5}' });
    assert.deepEqual([code, stdout], [1, ''], flags.join(' '));
    assert.match(stderr, message);
  };
  refused(['--memory', 'lots'], /--memory takes a number with b, k, m or g after it/);
  refused(['--cpu-share', '1.5'], /--cpu-share takes a whole number/);
  refused(['--resources', '-'], /The field resources.memory must be an object/);
  refused(['--resources', '/nowhere'], /Read \/nowhere: ENOENT/);
  refused(['--cpuset-cpus', '4000'], /Set linux.resources.cpu.cpus by writing 4000 to .*cpuset.cpus/);
  refused(['--l3-cache-schema', 'L3:0=f'], /--l3-cache-schema is not supported/);
  refused(['--memory', '4k'], /Set linux.resources.memory.limit by writing 4096 .*: EBUSY/);
  assert.equal(valueOf(bundle, 'memory', 'memory.limit_in_bytes'), '33554432');
  assert.match(bundle.call(['update', '--memory', '50m', 'nobody']).stderr, /nobody does not exist/);
  const warned = bundle.call(['update', '--kernel-memory', '50m', bundle.id]);
  assert.equal(warned.code, 0);
  assert.match(warned.stderr, /--kernel-memory is ignored/);
  assert.equal(existsSync(`${CGROUPS}/memory/${bundle.id}`), true);
});
