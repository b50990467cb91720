// linux.seccomp on the real kernel, with crun and runc as controls.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';
import { allowingAll, ARCHITECTURES, callingBundle, type Rule } from './runtime/confined.ts';
import { engineProfiles } from './runtime/engine-profiles.ts';
import { RUNT, runCommand, type Outcome, type RuntimeName } from './runtime/programs.ts';

const SIGSYS_CODE = 128 + 31;
const EPERM = 1;
const ENOSYS = 38;
/** Calls that do nothing with their arguments: x86-64's and i386's numbers. */
const GETPPID = { 64: 110, 32: 64 };
const GETPGRP = { 64: 111, 32: 65 };

function rule(name: string, action: string, more: Partial<Rule> = {}): Rule {
  return { names: [name], action: `SCMP_ACT_${action}`, ...more };
}

function both(bundle: Bundle, control: RuntimeName = 'crun'): readonly [Outcome, Outcome] {
  return [bundle.run(), bundle.run({}, control)];
}

/** What the program prints, the same under both runtimes. */
function agreed(bundle: Bundle, control: RuntimeName = 'crun'): string {
  const [ours, theirs] = both(bundle, control);
  assert.equal(ours.stdout, theirs.stdout, `runt: ${ours.stderr}\n${control}: ${theirs.stderr}`);
  assert.equal(ours.code, theirs.code, `runt: ${ours.stderr}\n${control}: ${theirs.stderr}`);
  return ours.stdout;
}

test('each action has its effect', () => {
  const call = `64:${GETPPID[64]}`;
  for (const [action, more, expected] of [
    ['ALLOW', {}, 'ok\n'],
    ['LOG', {}, 'ok\n'],
    ['ERRNO', {}, `${EPERM}\n`],
    ['ERRNO', { errnoRet: 13 }, '13\n'],
    ['ERRNO', { errnoRet: 0 }, 'ok\n'],
    ['TRACE', {}, `${ENOSYS}\n`],
    ['TRACE', { errnoRet: 7 }, `${ENOSYS}\n`],
  ] as const) {
    using bundle = callingBundle(allowingAll(rule('getppid', action, more)), call);
    assert.equal(agreed(bundle), expected, action);
  }
  for (const action of ['KILL', 'KILL_THREAD', 'KILL_PROCESS', 'TRAP']) {
    using bundle = callingBundle(allowingAll(rule('getppid', action)), call);
    const [ours, theirs] = both(bundle);
    assert.deepEqual([ours.code, theirs.code], [SIGSYS_CODE, SIGSYS_CODE], action);
  }
});

test('KILL_THREAD ends one thread, KILL_PROCESS all, TRAP comes as a signal with the call’s number', () => {
  for (const [action, code, text] of [
    ['KILL_THREAD', 0, 'alive\n'],
    ['KILL', 0, 'alive\n'],
    ['KILL_PROCESS', SIGSYS_CODE, ''],
  ] as const) {
    using bundle = callingBundle(allowingAll(rule('getppid', action)), 'thread', `64:${GETPPID[64]}`);
    const { code: ours, stdout } = bundle.run();
    assert.deepEqual([ours, stdout], [code, text], action);
  }
  using bundle = callingBundle(allowingAll(rule('getppid', 'TRAP')), 'trap', `64:${GETPPID[64]}`);
  assert.equal(agreed(bundle), `trapped ${GETPPID[64]} 0\n`);
});

test('defaultErrnoRet answers what no rule names; what is newer than all names does not exist', () => {
  // Names nothing newer than faccessat2, which is 439; and neither ioperm nor clone3.
  const { containerd } = engineProfiles();
  const calls = [173, 435, GETPPID[64], 440, 500, 600].map((number) => `64:${number}`);
  for (const [more, expected] of [
    [{}, [EPERM, EPERM, 'ok', ENOSYS, ENOSYS, ENOSYS]],
    [{ defaultErrnoRet: 101 }, [101, 101, 'ok', ENOSYS, ENOSYS, ENOSYS]],
    [{ defaultErrnoRet: ENOSYS }, [ENOSYS, ENOSYS, 'ok', ENOSYS, ENOSYS, ENOSYS]],
  ] as const) {
    using bundle = callingBundle({ ...containerd, ...more }, ...calls);
    assert.equal(agreed(bundle, 'runc'), `${expected.join('\n')}\n`, JSON.stringify(more));
  }
});

const VALUE = 0x1_0000_0005n;
const OPERATORS: Readonly<Record<string, (argument: bigint) => boolean>> = {
  EQ: (argument) => argument === VALUE,
  NE: (argument) => argument !== VALUE,
  LT: (argument) => argument < VALUE,
  LE: (argument) => argument <= VALUE,
  GT: (argument) => argument > VALUE,
  GE: (argument) => argument >= VALUE,
};

test('each operator compares all 64 bits, without sign, at the value, beside it, and by each half alone', () => {
  const values = [
    VALUE - 1n,
    VALUE,
    VALUE + 1n,
    5n,
    4n,
    6n,
    0x1_0000_0000n,
    0x2_0000_0005n,
    0x1_ffff_ffffn,
    0n,
    2n ** 64n - 1n,
    2n ** 63n,
    0xffff_ffff_0000_0005n,
  ];
  for (const [operator, holds] of Object.entries(OPERATORS)) {
    for (const index of [0, 5]) {
      const args = [{ index, value: Number(VALUE), op: `SCMP_CMP_${operator}` }];
      const calls = values.map((value) => `64:${GETPPID[64]}${':0'.repeat(index)}:${value}`);
      using bundle = callingBundle(allowingAll(rule('getppid', 'ERRNO', { errnoRet: 99, args })), ...calls);
      const expected = values.map((value) => (holds(value) ? '99\n' : 'ok\n')).join('');
      assert.equal(agreed(bundle), expected, `${operator} of argument ${index}`);
    }
  }
});

test('SCMP_CMP_MASKED_EQ compares what the mask leaves; values beyond 2^53 are exact', () => {
  const mask = 0xf000_0000_0000_00ffn;
  const args = [{ index: 1, value: 'MASK', valueTwo: 'VALUE', op: 'SCMP_CMP_MASKED_EQ' }];
  const values = [
    0xa000_0000_0000_0033n,
    0xa123_4567_89ab_cd33n,
    0xa000_0000_0000_0034n,
    0xb000_0000_0000_0033n,
    0x33n,
  ];
  using bundle = callingBundle(
    allowingAll(rule('getppid', 'ERRNO', { errnoRet: 99, args })),
    ...values.map((value) => `64:${GETPPID[64]}:0:${value}`),
  );
  bundle.writeWith((text) =>
    text.replace('"MASK"', String(mask)).replace('"VALUE"', String(0xa000_0000_0000_0033n)),
  );
  for (const name of ['runt', 'crun'] as const) {
    const { stdout, stderr } = bundle.call(['run', '-b', bundle.path, bundle.id], {}, name);
    assert.equal(stdout, '99\n99\nok\nok\nok\n', `${name}: ${stderr}`);
  }
});

test('all conditions of a rule have to hold; two on one argument are alternatives', () => {
  const condition = (index: number, value: number): object => ({ index, value, op: 'SCMP_CMP_EQ' });
  const call = (...values: readonly number[]): string => `64:${GETPPID[64]}:${values.join(':')}`;
  const calls = [call(1, 2), call(1, 3), call(9, 2), call(3, 0)];
  for (const [args, expected] of [
    [
      [condition(0, 1), condition(1, 2)],
      [99, 'ok', 'ok', 'ok'],
    ],
    [
      [condition(0, 1), condition(0, 3)],
      [99, 99, 'ok', 99],
    ],
  ] as const) {
    using bundle = callingBundle(allowingAll(rule('getppid', 'ERRNO', { errnoRet: 99, args })), ...calls);
    assert.equal(agreed(bundle), `${expected.join('\n')}\n`);
  }
});

test('32-bit calls are judged by their own numbers where the profile names x86, and end the process where not', () => {
  const rules = [rule('getppid', 'ERRNO', { errnoRet: 99 })];
  const calls = [`64:${GETPPID[64]}`, `32:${GETPPID[32]}`, `64:${GETPPID[32]}`, `32:${GETPPID[64]}`];
  using known = callingBundle(allowingAll(...rules), ...calls);
  assert.match(agreed(known), /^99\n99\n(?!99)\d+\n(?!99)\w+\n$/);
  using unknown = callingBundle(
    { ...allowingAll(...rules), architectures: ['SCMP_ARCH_X86_64'] },
    ...calls.slice(0, 2),
  );
  const [ours, theirs] = both(unknown);
  assert.deepEqual([ours.code, ours.stdout], [SIGSYS_CODE, '99\n']);
  assert.deepEqual([theirs.code, theirs.stdout], [SIGSYS_CODE, '99\n']);
});

test('conditions on 32-bit calls see 32 bits; socketcall stands for the calls that it carries', () => {
  const args = [{ index: 0, value: Number(VALUE), op: 'SCMP_CMP_EQ' }];
  using narrow = callingBundle(
    allowingAll(rule('getppid', 'ERRNO', { errnoRet: 99, args })),
    `64:${GETPPID[64]}:5`,
    `32:${GETPPID[32]}:5`,
    `32:${GETPPID[32]}:6`,
  );
  assert.equal(agreed(narrow), 'ok\n99\nok\n');
  // socketcall(SYS_SHUTDOWN, ...) is 13 of i386's 102, shutdown itself 373.
  using carried = callingBundle(
    allowingAll(rule('shutdown', 'ERRNO', { errnoRet: 99 })),
    '32:102:13',
    '32:373',
    '32:102:99',
    '64:48',
  );
  assert.equal(agreed(carried), '99\n99\n22\n99\n');
});

test('calls of x32 are judged where the profile names it, and end the process where not', () => {
  const rules = [rule('getppid', 'ERRNO', { errnoRet: 99 })];
  using known = callingBundle(allowingAll(...rules), `x32:${GETPPID[64]}`, `x32:${GETPGRP[64]}`);
  assert.match(agreed(known), /^99\n(ok|38)\n$/);
  using unknown = callingBundle(
    { ...allowingAll(...rules), architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'] },
    `x32:${GETPGRP[64]}`,
  );
  const [ours, theirs] = both(unknown);
  assert.deepEqual([ours.code, theirs.code], [SIGSYS_CODE, SIGSYS_CODE]);
});

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

test('the filter is loaded last: after it there is nothing but execve', () => {
  // The program is static and makes two calls; nothing else may be needed.
  const profile = {
    defaultAction: 'SCMP_ACT_KILL_PROCESS',
    syscalls: [rule('execve', 'ALLOW'), rule('exit_group', 'ALLOW'), rule('write', 'ALLOW')],
  };
  using bundle = new Bundle();
  bundle.config.linux['seccomp'] = profile;
  bundle.config.process['noNewPrivileges'] = true;
  const tiny = `void _start(void){long r;__asm__ volatile("syscall":"=a"(r):"a"(1L),"D"(1L),"S"("ok\\n"),"d"(3L):"rcx","r11","memory");__asm__ volatile("syscall"::"a"(231L),"D"(7L):"rcx","r11");}`;
  writeFileSync(join(bundle.folder, 'tiny.c'), tiny);
  const path = join(bundle.rootfs, 'bin/tiny');
  assert.equal(
    runCommand(['cc', '-O1', '-static', '-nostdlib', '-o', path, join(bundle.folder, 'tiny.c')]).code,
    0,
  );
  bundle.config.process['args'] = ['/bin/tiny'];
  for (const user of [
    { uid: 0, gid: 0 },
    { uid: 1000, gid: 1000 },
  ]) {
    bundle.config.process['user'] = user;
    const { code, stdout, stderr } = bundle.run();
    assert.deepEqual([code, stdout], [7, 'ok\n'], stderr);
  }
  // Without noNewPrivileges CAP_SYS_ADMIN has to be given back under the filter.
  bundle.config.process['noNewPrivileges'] = false;
  assert.equal(bundle.run().code, SIGSYS_CODE);
  profile.syscalls.push(rule('capset', 'ALLOW'));
  assert.equal(bundle.run().code, 7);
});

test('without noNewPrivileges the process has the same powers as without a filter', () => {
  const some = ['CAP_KILL', 'CAP_NET_BIND_SERVICE', 'CAP_CHOWN'];
  const admin = [...some, 'CAP_SYS_ADMIN'];
  for (const user of [
    { uid: 0, gid: 0 },
    { uid: 1000, gid: 1000 },
  ]) {
    for (const set of [some, admin]) {
      for (const ambient of [[], set]) {
        using bundle = new Bundle();
        bundle.config.process['user'] = user;
        bundle.config.process['capabilities'] = {
          bounding: set,
          permitted: set,
          effective: set,
          inheritable: ambient,
          ambient,
        };
        bundle.script('grep -E "^(Cap|NoNewPrivs)" /proc/self/status');
        const plain = bundle.output();
        bundle.config.linux['seccomp'] = allowingAll(rule('getppid', 'ERRNO'));
        assert.equal(bundle.output(), plain, JSON.stringify([user, set, ambient]));
        assert.equal(bundle.run({}, 'crun').stdout, plain);
      }
    }
  }
});

test('exec puts the container’s filter over what it runs', () => {
  using bundle = callingBundle(allowingAll(rule('getpgrp', 'ERRNO', { errnoRet: 99 })));
  bundle.start();
  const { stdout, stderr } = bundle.call(['exec', bundle.id, '/bin/calls', `64:${GETPGRP[64]}`]);
  assert.equal(stdout, '99\n', stderr);
  const status = bundle.call(['exec', '-u', '1000', bundle.id, 'grep', 'Seccomp', '/proc/self/status']);
  assert.equal(status.stdout, 'Seccomp:\t2\nSeccomp_filters:\t1\n');
});

test('exec into a container whose filter is no longer on record is refused', () => {
  using bundle = callingBundle(allowingAll(rule('getpgrp', 'ERRNO')));
  bundle.start();
  const directory = join(bundle.folder, 'state-runt', bundle.id);
  const file = join(directory, readdirSync(directory).find((name) => name.endsWith('.json')) ?? 'state.json');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.split('\n').slice(0, 2).join('\n'));
  const { code, stdout, stderr } = bundle.call(['exec', bundle.id, 'echo', 'hello']);
  assert.deepEqual([code, stdout], [255, '']);
  assert.match(stderr, /The seccomp filter of the container \S+ is not on record/);
  writeFileSync(file, text);
  assert.equal(bundle.call(['exec', bundle.id, 'echo', 'hello']).stdout, 'hello\n');
});

test('flags reach the kernel; without any it is SPEC_ALLOW', () => {
  const flagsOf = (flags: readonly string[] | undefined): string => {
    using bundle = callingBundle(
      { ...allowingAll(rule('getpgrp', 'ERRNO')), ...(flags === undefined ? {} : { flags }) },
      `64:${GETPGRP[64]}`,
    );
    bundle.write();
    const command = [RUNT, '--root', `${bundle.folder}/state-runt`, 'run', '-b', bundle.path, bundle.id];
    const { stderr } = runCommand(['strace', '-f', '-e', 'trace=seccomp', '-qq', ...command]);
    return /seccomp\(SECCOMP_SET_MODE_FILTER, ([^,]+), \{len=/.exec(stderr)?.[1] ?? stderr;
  };
  const name = (flag: string): string => `SECCOMP_FILTER_FLAG_${flag}`;
  assert.equal(flagsOf(undefined), name('SPEC_ALLOW'));
  assert.equal(flagsOf([]), '0');
  assert.equal(flagsOf([name('LOG')]), name('LOG'));
  assert.equal(
    flagsOf([name('TSYNC'), name('LOG'), name('SPEC_ALLOW')]),
    `${name('LOG')}|${name('SPEC_ALLOW')}`,
  );
  assert.equal(flagsOf([name('WAIT_KILLABLE_RECV')]), '0');
});

test('a filter that the program itself loads comes on top', () => {
  const names = ['getppid'];
  using bundle = callingBundle({
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names, action: 'SCMP_ACT_ERRNO' }],
  });
  bundle.config.process['args'] = ['sh', '-c', 'grep Seccomp_filters /proc/self/status'];
  assert.equal(bundle.output(), 'Seccomp_filters:\t1\n');
});

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

test('the profile is applied in a container that is created first and started later', () => {
  using bundle = callingBundle(allowingAll(rule('getpgrp', 'ERRNO', { errnoRet: 99 })));
  bundle.config.process['args'] = ['sh', '-c', `/bin/calls 64:${GETPGRP[64]} > /out`];
  bundle.write();
  assert.equal(bundle.call(['create', '-b', bundle.path, bundle.id]).code, 0);
  assert.equal(bundle.call(['start', bundle.id]).code, 0);
  const wait = `for i in $(seq 100); do test -s ${bundle.rootfs}/out && break; sleep 0.02; done`;
  runCommand(['sh', '-c', wait]);
  assert.equal(readFileSync(join(bundle.rootfs, 'out'), 'utf8'), '99\n');
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
