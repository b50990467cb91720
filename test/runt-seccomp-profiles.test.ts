// Whole profiles: those of engines, odd ones, and wrong ones.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';
import {
  agreed,
  allowingAll,
  ARCHITECTURES,
  callingBundle,
  GETPGRP,
  GETPPID,
  rule,
  type Rule,
} from './runtime/confined.ts';
import { engineProfiles } from './runtime/engine-profiles.ts';

for (const [engine, profile] of Object.entries(engineProfiles())) {
  test(`under the profile of ${engine} every call has the same result as under runc`, () => {
    for (const [way, most] of [
      ['64', 480],
      ['32', 480],
      ['64', 620],
    ] as const) {
      const range = most === 620 ? ['480', '620', '0'] : ['0', String(most), String(2n ** 64n - 1n)];
      using bundle = callingBundle(profile, 'all', way, ...range);
      const text = agreed(bundle, 'runc');
      assert.ok(text.split('\n').length > 120, text);
    }
  });

  test(`under the profile of ${engine} a shell lives, and what it forbids is forbidden`, () => {
    using bundle = new Bundle();
    bundle.config.process['noNewPrivileges'] = true;
    bundle.config.linux['seccomp'] = profile;
    bundle.script(`set -e
      echo hello > /tmp-file; cat /tmp-file; (echo in a pipe | tr a-z A-Z); ls /proc/self >/dev/null
      sleep 0.01 & wait; date >/dev/null; id -u; mkdir /d; mv /d /e; rmdir /e; rm /tmp-file
      grep Seccomp: /proc/self/status
      ! mount -t tmpfs none /mnt 2>/dev/null; ! unshare -U true 2>/dev/null; echo done`);
    assert.equal(agreed(bundle), 'hello\nIN A PIPE\n0\nSeccomp:\t2\ndone\n');
  });
}

test('a profile without actions or calls is none; one that lets all pass is one', () => {
  using bundle = new Bundle();
  bundle.script('grep Seccomp: /proc/self/status');
  bundle.config.linux['seccomp'] = {};
  assert.equal(bundle.output(), 'Seccomp:\t0\n');
  bundle.config.linux['seccomp'] = { defaultAction: 'SCMP_ACT_ALLOW' };
  bundle.config.process['noNewPrivileges'] = true;
  assert.equal(agreed(bundle), 'Seccomp:\t2\n');
});

test('what a profile has wrong is refused by the field’s name, and nothing is left', () => {
  const allow = rule('read', 'ALLOW');
  const arg = { index: 0, value: 1, op: 'SCMP_CMP_EQ' };
  for (const [seccomp, field] of [
    [{ defaultAction: 'SCMP_ACT_MAYBE' }, 'linux.seccomp.defaultAction'],
    [{ syscalls: [allow] }, 'linux.seccomp.defaultAction'],
    [allowingAll({ ...allow, action: 'SCMP_ACT_MAYBE' }), 'linux.seccomp.syscalls[0].action'],
    [allowingAll({ ...allow, names: [] }), 'linux.seccomp.syscalls[0].names'],
    [allowingAll({ ...allow, names: ['read', 3 as never] }), 'linux.seccomp.syscalls[0].names[1]'],
    [
      allowingAll({ ...allow, args: [{ ...arg, op: 'SCMP_CMP_ALMOST' }] }),
      'linux.seccomp.syscalls[0].args[0].op',
    ],
    [allowingAll({ ...allow, args: [{ ...arg, index: 6 }] }), 'linux.seccomp.syscalls[0].args[0].index'],
    [allowingAll({ ...allow, args: [{ ...arg, value: -1 }] }), 'linux.seccomp.syscalls[0].args[0].value'],
    [allowingAll({ ...allow, errnoRet: 1 }), 'linux.seccomp.syscalls[0].errnoRet'],
    [allowingAll(rule('read', 'ERRNO', { errnoRet: 5000 })), 'linux.seccomp.syscalls[0].errnoRet'],
    [{ ...allowingAll(), architectures: ['SCMP_ARCH_VAX'] }, 'linux.seccomp.architectures[0]'],
    [{ ...allowingAll(), architectures: ['SCMP_ARCH_S390X'] }, 'linux.seccomp.architectures[0]'],
    [{ ...allowingAll(), flags: ['SECCOMP_FILTER_FLAG_MAYBE'] }, 'linux.seccomp.flags[0]'],
    [allowingAll(rule('read', 'NOTIFY')), 'linux.seccomp.listenerPath'],
    [{ ...allowingAll(), listenerMetadata: 'x' }, 'linux.seccomp.listenerPath'],
    [{ ...allowingAll(rule('write', 'NOTIFY')), listenerPath: '/x' }, 'linux.seccomp.syscalls[0].names[0]'],
    [{ defaultAction: 'SCMP_ACT_NOTIFY', listenerPath: '/x' }, 'linux.seccomp.defaultAction'],
    [allowingAll(...manyRules(['getppid'], 10000)), 'linux.seccomp.syscalls'],
    [allowingAll(...manyRules(NAMES, 60)), 'linux.seccomp.syscalls'],
  ] as const) {
    using bundle = callingBundle(seccomp, `64:${GETPPID[64]}`);
    const { code, stdout, stderr } = bundle.run();
    assert.deepEqual([code, stdout], [1, ''], JSON.stringify(seccomp).slice(0, 300));
    assert.ok(stderr.includes(`The field ${field} `), `${field}: ${stderr}`);
    assert.deepEqual(bundle.leftovers(), []);
  }
});

const NAMES = (
  'getpid getppid getpgrp gettid getuid getgid geteuid getegid getpgid getsid getpriority getrusage getitimer ' +
  'umask sync setsid alarm times sysinfo personality ustat statfs sysfs acct iopl ioperm kcmp bpf mbind keyctl'
).split(' ');

function manyRules(names: readonly string[], count: number): readonly Rule[] {
  return names.flatMap((name) =>
    Array.from({ length: count }, (_, value) =>
      rule(name, 'ERRNO', { args: [{ index: 0, value: valueOf(value), op: 'SCMP_CMP_EQ' }] }),
    ),
  );
}

/** Different ones in both halves. */
function valueOf(number: number): number {
  return number * 2 ** 32 + number;
}

test('names that nobody knows are passed over', () => {
  using bundle = callingBundle(
    allowingAll({ names: ['no_such_call', 'getppid', 'x'], action: 'SCMP_ACT_ERRNO' }),
    `64:${GETPPID[64]}`,
  );
  assert.equal(agreed(bundle), '1\n');
});

test('a profile of hundreds of conditions on one call works', () => {
  const rules = manyRules(['getppid'], 300);
  using bundle = callingBundle(
    { ...allowingAll(...rules), architectures: ['SCMP_ARCH_X86_64'] },
    ...[0, 1, 299, 300].map((value) => `64:${GETPPID[64]}:${valueOf(value)}`),
  );
  assert.equal(agreed(bundle), '1\n1\n1\nok\n');
});

test('architectures of other machines are named without effect', () => {
  using bundle = callingBundle(
    {
      ...allowingAll(rule('getpgrp', 'ERRNO')),
      architectures: [...ARCHITECTURES, 'SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
    },
    `64:${GETPGRP[64]}`,
    `32:${GETPGRP[32]}`,
  );
  assert.equal(agreed(bundle), '1\n1\n');
});
