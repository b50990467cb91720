import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interpose } from '../../kernel/call.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { NR } from '../../kernel/numbers.ts';
import type { ProcessPlan } from '../plan/process.ts';
import type { Filter } from '../seccomp/filter.ts';
import { Confinement } from './confinement.ts';

const NONE = [0, 0] as const;
const PROCESS: ProcessPlan = {
  args: ['/true'],
  env: [],
  cwd: '/',
  uid: 0,
  gid: 0,
  groups: [],
  umask: 0o22,
  rlimits: [],
  bounding: NONE,
  effective: NONE,
  permitted: NONE,
  inheritable: NONE,
  ambient: NONE,
  noNewPrivileges: false,
};
const STATE = {
  ociVersion: '1.0.2',
  id: 'a',
  status: 'creating',
  pid: 1,
  bundle: '/b',
  annotations: {},
} as const;
const CAP_SYS_ADMIN = 1 << 21;

function filter(flags: number, optionalFlags: number): Filter {
  return { program: new Uint8Array(8), flags, optionalFlags, listener: undefined };
}

/** As a kernel that knows no flag. */
function withoutFlags(body: () => void): void {
  const before = interpose((nr, ...args) => (nr === NR.seccomp ? -ERRNO.EINVAL : before(nr, ...args)));
  try {
    body();
  } finally {
    interpose(before);
  }
}

test('flags that the kernel does not have are refused, unless nobody asked for them', () => {
  const confinement = new Confinement(PROCESS, undefined);
  withoutFlags(() => {
    assert.throws(
      () => confinement.stubFor(filter(2, 0), { state: STATE, pid: 1 }),
      /The field linux\.seccomp asks for flags/,
    );
    confinement.stubFor(filter(4, 4), { state: STATE, pid: 1 });
    confinement.stubFor(filter(0, 0), { state: STATE, pid: 1 });
  });
  confinement.stubFor(filter(6, 0), { state: STATE, pid: 1 });
});

test('CAP_SYS_ADMIN is lent to a process without noNewPrivileges that would not have it', () => {
  const held = (change: Partial<ProcessPlan>): readonly boolean[] => {
    const { process } = new Confinement({ ...PROCESS, ...change }, undefined);
    return [process.inheritable, process.ambient].map(([low]) => (low & CAP_SYS_ADMIN) !== 0);
  };
  assert.deepEqual(held({}), [true, false]);
  assert.deepEqual(held({ uid: 5 }), [true, true]);
  assert.deepEqual(held({ noNewPrivileges: true }), [false, false]);
  assert.deepEqual(held({ bounding: [CAP_SYS_ADMIN, 0] }), [false, false]);
  assert.deepEqual(held({ uid: 5, bounding: [CAP_SYS_ADMIN, 0] }), [true, true]);
});

test('the stub with a request is entered behind the plain one, and carries the filter as a segment', () => {
  const program = Uint8Array.from({ length: 16 }, (_, at) => at + 1);
  const file = new Confinement(PROCESS, undefined).stubFor(
    { ...filter(0, 0), program },
    { state: STATE, pid: 1 },
  );
  const entry = (bytes: Uint8Array): bigint =>
    new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(24, true);
  assert.equal(entry(file), entry(stub()) + 16n);
  assert.equal(file.subarray(4096 + 88).join(), program.join());
});
