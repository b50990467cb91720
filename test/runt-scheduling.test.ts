// Personality, scheduler, priority of I/O and CPUs of the container's processes.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle, type Config } from './runtime/bundle.ts';
import { runCommand } from './runtime/programs.ts';

test('linux.personality is that of the program and of exec', () => {
  using bundle = new Bundle();
  bundle.config.linux['personality'] = { domain: 'LINUX32' };
  bundle.script('uname -m; cat /proc/self/personality');
  assert.equal(bundle.output(), 'i686\n00000008\n');
  bundle.config.linux['personality'] = { domain: 'LINUX' };
  assert.equal(bundle.output(), 'x86_64\n00000000\n');
  bundle.config.linux['personality'] = { domain: 'LINUX32' };
  bundle.start();
  assert.equal(bundle.call(['exec', bundle.id, 'uname', '-m']).stdout, 'i686\n');
});

const FIELDS = 'cut -d" " -f19,40,41 /proc/1/stat';

test('process.scheduler gives policy, nice value and priority', () => {
  for (const [scheduler, seen] of [
    [{ policy: 'SCHED_OTHER', nice: 7 }, '7 0 0'],
    [{ policy: 'SCHED_BATCH', nice: -3 }, '-3 0 3'],
    [{ policy: 'SCHED_IDLE' }, '0 0 5'],
  ] as const) {
    using bundle = new Bundle();
    bundle.config.process['scheduler'] = scheduler;
    bundle.script(FIELDS);
    assert.equal(bundle.output(), `${seen}\n`);
  }
});

test('process.scheduler of real time needs a cgroup that has any, and its flags are given', () => {
  using bundle = new Bundle();
  bundle.config.linux.resources = { cpu: { realtimeRuntime: 1000, realtimePeriod: 1_000_000 } };
  bundle.config.process['scheduler'] = {
    policy: 'SCHED_RR',
    priority: 5,
    flags: ['SCHED_FLAG_RESET_ON_FORK'],
  };
  bundle.config.process['args'] = ['cut', '-d ', '-f40,41', '/proc/self/stat'];
  const { code, stdout, stderr } = bundle.run();
  // Where the kernel has no groups of real time (CONFIG_RT_GROUP_SCHED), the limit alone is refused.
  if (code === 0) assert.equal(stdout, '5 2\n');
  else assert.match(stderr, /cpu\.rt_|process\.scheduler|realtime/);
  delete bundle.config.linux.resources;
  const plain = bundle.run();
  if (plain.code === 0) assert.equal(plain.stdout, '5 2\n');
  else assert.match(plain.stderr, /Set process\.scheduler: EPERM/);
});

test('process.ioPriority gives class and level', () => {
  using bundle = new Bundle();
  bundle.config.process['ioPriority'] = { class: 'IOPRIO_CLASS_BE', priority: 6 };
  bundle.start();
  const { pid } = JSON.parse(bundle.call(['state', bundle.id]).stdout) as { pid: number };
  assert.equal(runCommand(['ionice', '-p', String(pid)]).stdout, 'best-effort: prio 6\n');
});

test("exec's process has the CPUs of process.execCPUAffinity", () => {
  using bundle = new Bundle();
  bundle.start();
  const file = `${bundle.folder}/process.json`;
  const allowed = (execCPUAffinity: object): string => {
    const args = ['grep', 'Cpus_allowed_list', '/proc/self/status'];
    writeFileSync(file, JSON.stringify({ args, cwd: '/', env: ['PATH=/bin'], execCPUAffinity }));
    const { stdout, stderr } = bundle.call(['exec', '--process', file, bundle.id]);
    return `${stdout.replace(/^.*\t/, '').trim()}${stderr}`;
  };
  assert.equal(allowed({ final: '0' }), '0');
  assert.equal(allowed({ initial: '0', final: '1' }), '1');
  assert.match(allowed({ final: '8000' }), /Set process\.execCPUAffinity: EINVAL/);
});

test('what is wrong of these is refused by name', () => {
  const wrong: readonly (readonly [(config: Config) => void, string])[] = [
    [(c) => (c.process['scheduler'] = {}), 'process.scheduler.policy'],
    [(c) => (c.process['scheduler'] = { policy: 'SCHED_X' }), 'process.scheduler.policy'],
    [(c) => (c.process['scheduler'] = { policy: 'SCHED_OTHER', nice: 20 }), 'process.scheduler.nice'],
    [(c) => (c.process['scheduler'] = { policy: 'SCHED_OTHER', priority: 1 }), 'process.scheduler.priority'],
    [(c) => (c.process['scheduler'] = { policy: 'SCHED_FIFO', flags: ['X'] }), 'process.scheduler.flags[0]'],
    [(c) => (c.process['scheduler'] = { policy: 'SCHED_FIFO', runtime: 5 }), 'process.scheduler'],
    [(c) => (c.process['ioPriority'] = { class: 'X' }), 'process.ioPriority.class'],
    [
      (c) => (c.process['ioPriority'] = { class: 'IOPRIO_CLASS_BE', priority: 8 }),
      'process.ioPriority.priority',
    ],
    [(c) => (c.process['execCPUAffinity'] = { initial: '3-1' }), 'process.execCPUAffinity.initial'],
    [(c) => (c.process['execCPUAffinity'] = { final: 'x' }), 'process.execCPUAffinity.final'],
    [(c) => (c.linux['personality'] = { domain: 'BSD' }), 'linux.personality.domain'],
    [(c) => (c.linux['personality'] = { domain: 'LINUX', flags: ['X'] }), 'linux.personality.flags'],
  ];
  for (const [change, field] of wrong) {
    using bundle = new Bundle();
    change(bundle.config);
    const { code, stderr } = bundle.run();
    assert.equal(code, 1, field);
    assert.ok(stderr.includes(`The field ${field} `), stderr);
  }
});

test('exec is scheduled as the container’s own process, unless it says otherwise', () => {
  using bundle = new Bundle();
  bundle.config.process['scheduler'] = { policy: 'SCHED_OTHER', nice: 7 };
  bundle.start();
  const { stdout, stderr } = bundle.call(['exec', bundle.id, 'cut', '-d ', '-f19', '/proc/self/stat']);
  assert.deepEqual([stdout, stderr], ['7\n', '']);
});
