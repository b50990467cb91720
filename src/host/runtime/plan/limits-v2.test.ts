import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_CONFIG } from '../default-spec.ts';
import { parseSpec } from '../spec.ts';
import { allLimitsV1 } from './limits-v1.ts';
import { limitsV2, toCpuWeight } from './limits-v2.ts';
import type { Limit } from './limits.ts';

type Json = Readonly<Record<string, unknown>>;

function parsed(resources: Json): Parameters<typeof limitsV2>[0] {
  const { linux, ...rest } = DEFAULT_CONFIG as unknown as { readonly linux: Json };
  return parseSpec(JSON.stringify({ ...rest, linux: { ...linux, resources } })).linux.resources;
}

function v2(resources: Json): readonly string[] {
  return limitsV2(parsed(resources)).map(text);
}

function v1(controller: string, resources: Json): readonly string[] {
  return (allLimitsV1(parsed(resources)).get(controller) ?? []).map(text);
}

function text({ file, value, orElse }: Limit): string {
  const other = orElse === undefined ? '' : ` or ${orElse === 'nothing' ? orElse : text(orElse)}`;
  return `${file} ${value}${other}`;
}

test('toCpuWeight() maps the least, the usual and the most shares on the same of weights', () => {
  assert.deepEqual([0, 2, 1024, 262144, 2 ** 40].map(toCpuWeight), [1, 1, 100, 10000, 10000]);
  assert.deepEqual([3, 512, 2048, 131072].map(toCpuWeight), [2, 59, 174, 5478]);
});

test('toCpuWeight() never falls and never leaves 1 to 10000', () => {
  let last = 1;
  for (let shares = 2; shares <= 262144; shares += 13) {
    const weight = toCpuWeight(shares);
    assert.ok(weight >= last && weight <= 10000, `${shares}: ${weight}`);
    last = weight;
  }
});

test('limitsV2() counts swap without memory', () => {
  assert.deepEqual(v2({ memory: { limit: 100, swap: 150, reservation: 50 } }), [
    'memory.swap.max 50',
    'memory.max 100',
    'memory.low 50',
  ]);
  assert.deepEqual(v2({ memory: { limit: 100, swap: 100 } }), [
    'memory.swap.max 0 or nothing',
    'memory.max 100',
  ]);
  assert.deepEqual(v2({ memory: { limit: -1 } }), ['memory.swap.max max or nothing', 'memory.max max']);
  assert.deepEqual(v2({ memory: { limit: 0, swap: 0, kernel: 5 } }), []);
});

test('limitsV2() refuses swap that contradicts memory, and what v2 has no file for', () => {
  assert.throws(() => v2({ memory: { swap: 5 } }), { code: 'SPEC_INVALID' });
  assert.throws(() => v2({ memory: { limit: 100, swap: 99 } }), { code: 'SPEC_INVALID' });
  for (const resources of [
    { memory: { swappiness: 10 } },
    { memory: { disableOOMKiller: true } },
    { cpu: { realtimePeriod: 10 } },
    { cpu: { realtimeRuntime: 10 } },
    { network: { classID: 5 } },
    { network: { priorities: [{ name: 'eth0', priority: 1 }] } },
    { blockIO: { leafWeight: 10 } },
  ])
    assert.throws(() => v2(resources), { code: 'SPEC_FIELD_UNSUPPORTED' });
});

test('limitsV2() writes quota and period into one file, burst after them, and idle instead of a weight', () => {
  assert.deepEqual(v2({ cpu: { quota: 50, period: 100, burst: 10 } }), [
    'cpu.max 50 100',
    'cpu.max.burst 10',
  ]);
  assert.deepEqual(v2({ cpu: { quota: -1 } }), ['cpu.max max']);
  assert.deepEqual(v2({ cpu: { idle: 1, shares: 5 } }), ['cpu.idle 1']);
  assert.deepEqual(v2({ cpu: { idle: 0, shares: 1024, cpus: '0-1', mems: '0' } }), [
    'cpu.idle 0',
    'cpu.weight 100',
    'cpuset.cpus 0-1',
    'cpuset.mems 0',
  ]);
  const [period] = limitsV2(parsed({ cpu: { period: 70 } }));
  assert.deepEqual([period?.value, period?.keepsFirstWord], ['70', true]);
});

const BLOCK = {
  weight: 505,
  weightDevice: [{ major: 8, minor: 0, weight: 10 }],
  throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 100 }],
  throttleWriteIOPSDevice: [{ major: 8, minor: 16, rate: 0 }],
};

test('limitsV2() gives block I/O weights to BFQ, or scaled to io.cost', () => {
  assert.deepEqual(v2({ blockIO: BLOCK }), [
    'io.bfq.weight 505 or io.weight default 5000',
    'io.bfq.weight 8:0 10 or io.weight 8:0 1',
    'io.max 8:0 rbps=100',
    'io.max 8:16 wiops=max',
  ]);
});

test('allLimitsV1() has block I/O by whichever name the kernel has', () => {
  assert.deepEqual(v1('blkio', { blockIO: { ...BLOCK, leafWeight: 7 } }), [
    'blkio.weight 505 or blkio.bfq.weight 505',
    'blkio.leaf_weight 7',
    'blkio.weight_device 8:0 10 or blkio.bfq.weight_device 8:0 10',
    'blkio.throttle.read_bps_device 8:0 100',
    'blkio.throttle.write_iops_device 8:16 0',
  ]);
});

test('both versions limit huge pages in use and reserved, and RDMA', () => {
  const resources = {
    hugepageLimits: [{ pageSize: '2MB', limit: 4194304 }],
    rdma: { mlx5: { hcaHandles: 3 }, mlx4: { hcaObjects: 4 } },
  };
  assert.deepEqual(v2(resources), [
    'hugetlb.2MB.max 4194304',
    'hugetlb.2MB.rsvd.max 4194304 or nothing',
    'rdma.max mlx5 hca_handle=3',
    'rdma.max mlx4 hca_object=4',
  ]);
  assert.deepEqual(v1('hugetlb', resources), [
    'hugetlb.2MB.limit_in_bytes 4194304',
    'hugetlb.2MB.rsvd.limit_in_bytes 4194304 or nothing',
  ]);
  assert.deepEqual(v1('rdma', resources), ['rdma.max mlx5 hca_handle=3', 'rdma.max mlx4 hca_object=4']);
});

test('allLimitsV1() has the network’s class and priorities, and lifts swap with memory', () => {
  const network = { classID: 1048577, priorities: [{ name: 'lo', priority: 3 }] };
  assert.deepEqual(v1('net_cls', { network }), ['net_cls.classid 1048577']);
  assert.deepEqual(v1('net_prio', { network }), ['net_prio.ifpriomap lo 3']);
  assert.deepEqual(v1('memory', { memory: { limit: -1 } }), [
    'memory.limit_in_bytes -1',
    'memory.memsw.limit_in_bytes -1 or nothing',
  ]);
});

test('unified names files, never paths, and only for v2', () => {
  assert.deepEqual(v2({ unified: { 'memory.high': '100', 'misc.max': 'a 5' } }), [
    'memory.high 100',
    'misc.max a 5',
  ]);
  assert.throws(() => v1('memory', { unified: { 'memory.high': '100' } }), {
    code: 'RUNTIME_CGROUP_MISSING',
  });
  for (const file of ['../memory.high', 'a/b.c', '.', '..', 'memory'])
    assert.throws(() => v2({ unified: { [file]: '1' } }), { code: 'SPEC_INVALID' });
});

test('allLimitsV1() denies first, and after allowing everything only what changes something', () => {
  assert.deepEqual(v1('devices', { devices: [{ allow: true, access: 'rwm' }] }), ['devices.allow a']);
  const denial = { allow: false, type: 'c', major: 1, minor: 3, access: 'w' };
  const written = v1('devices', { devices: [{ allow: true, access: 'rwm' }, denial] });
  assert.deepEqual(written.slice(0, 3), ['devices.allow a', 'devices.deny c 1:3 w', 'devices.allow c *:* m']);
  // As with the peers, the devices that every container has come last.
  assert.ok(written.includes('devices.allow c 1:3 rwm'));
});
