// update on cgroup v2: every flag, files by their names, and what is refused.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';
import { CGROUP, MIB, readCgroup } from './runtime/unified.ts';

/** Flags of update, the file that they change, and what is in it then; each after those before it. */
const CHANGES: readonly (readonly [flags: readonly string[], file: string, value: string])[] = [
  [['--memory', '50m'], 'memory.max', '52428800'],
  // Memory and swap together stay as they were: 64 MiB.
  [[], 'memory.swap.max', '14680064'],
  [['--memory-swap', '100m'], 'memory.swap.max', '52428800'],
  [['--memory', '-1'], 'memory.max', 'max'],
  [[], 'memory.swap.max', 'max'],
  [['--memory-reservation', '33554432'], 'memory.low', '33554432'],
  [['--cpu-period', '900000', '--cpu-quota', '600000'], 'cpu.max', '600000 900000'],
  [['--cpu-period', '800000'], 'cpu.max', '600000 800000'],
  [['--cpu-quota', '500000'], 'cpu.max', '500000 800000'],
  [['--cpu-burst', '400000'], 'cpu.max.burst', '400000'],
  [['--cpu-burst', '0', '--cpu-quota', '-1'], 'cpu.max', 'max 800000'],
  [['--cpu-share', '200'], 'cpu.weight', '29'],
  [['--cpu-idle', '1'], 'cpu.idle', '1'],
  [['--cpu-idle', '0', '--cpu-share', '1024'], 'cpu.weight', '100'],
  [['--cpuset-cpus', '0'], 'cpuset.cpus', '0'],
  [['--cpuset-mems', '0'], 'cpuset.mems', '0'],
  [['--pids-limit', '10'], 'pids.max', '10'],
  [['--pids-limit', '-1'], 'pids.max', 'max'],
  [['--blkio-weight', '1000'], 'io.weight', 'default 10000'],
];

test('each flag of update changes its file and no other', () => {
  using bundle = new Bundle();
  bundle.config.linux.resources = { memory: { limit: 32 * MIB, swap: 64 * MIB } };
  bundle.start();
  for (const [flags, file, value] of CHANGES) {
    if (flags.length > 0) {
      const { code, stderr } = bundle.call(['update', ...flags, bundle.id]);
      assert.equal(code, 0, `${flags.join(' ')}: ${stderr}`);
    }
    assert.equal(readCgroup(bundle, file), value, flags.join(' '));
  }
});

test('update takes files of v2 by name, and says what the kernel refuses', () => {
  using bundle = new Bundle();
  bundle.start();
  const update = (resources: object): string =>
    bundle.call(['update', '--resources', '-', bundle.id], { input: JSON.stringify(resources) }).stderr;
  assert.equal(update({ unified: { 'memory.high': '41943040' }, pids: { limit: 9 } }), '');
  assert.deepEqual([readCgroup(bundle, 'memory.high'), readCgroup(bundle, 'pids.max')], ['41943040', '9']);
  assert.match(update({ cpu: { cpus: '999' } }), /cpu\.cpus by writing 999/);
  assert.match(update({ memory: { swap: 5 } }), /memory\.swap counts memory and swap together/);
  assert.match(update({ memory: { limit: 4096, checkBeforeUpdate: true } }), /below the \d+ that are in use/);
});

test('update reaches a controller that its cgroup did not have yet', () => {
  using bundle = new Bundle();
  bundle.start();
  const control = `${CGROUP}/cgroup.subtree_control`;
  const before = readFileSync(control, 'utf8').trim().split(' ');
  writeFileSync(control, '-pids');
  try {
    assert.equal(bundle.call(['update', '--pids-limit', '12', bundle.id]).code, 0);
    assert.equal(readCgroup(bundle, 'pids.max'), '12');
  } finally {
    writeFileSync(control, before.map((name) => `+${name}`).join(' '));
  }
});
