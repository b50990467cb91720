// linux.seccomp on the real kernel: what becomes of calls, with crun and runc as controls.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  agreed,
  allowingAll,
  both,
  callingBundle,
  GETPGRP,
  GETPPID,
  rule,
  SIGSYS_CODE,
} from './runtime/confined.ts';
import { engineProfiles } from './runtime/engine-profiles.ts';

const EPERM = 1;
const ENOSYS = 38;

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
