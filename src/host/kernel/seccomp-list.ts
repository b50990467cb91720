import { sys } from './call.ts';
import { PR } from './constants.ts';
import { AUDIT_ARCH, NR, type SyscallName } from './numbers.ts';

// include/uapi/linux/seccomp.h, bpf_common.h
const SET_MODE_FILTER = 1;
const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const ERRNO_RESULT = 0x00050000;
const LOAD_WORD = 0x20;
const JUMP_EQUAL = 0x15;
const RETURN = 0x06;
const NUMBER_AT = 0;
const ARCH_AT = 4;
const EPERM = 1;

export interface CallList {
  readonly allowed: readonly SyscallName[];
  /** Answered by EPERM; all others end the process. */
  readonly refused: readonly SyscallName[];
}

/** Leaves this process these system calls for good (seccomp(2)). */
export function allowOnly({ allowed, refused }: CallList): void {
  const rules = [
    ...allowed.map((name) => [name, ALLOW] as const),
    ...refused.map((name) => [name, ERRNO_RESULT | EPERM] as const),
  ];
  const program = [
    [LOAD_WORD, 0, 0, ARCH_AT],
    [JUMP_EQUAL, 1, 0, AUDIT_ARCH],
    [RETURN, 0, 0, KILL_PROCESS],
    [LOAD_WORD, 0, 0, NUMBER_AT],
    ...rules.flatMap(([name, result]) => [
      [JUMP_EQUAL, 0, 1, NR[name]],
      [RETURN, 0, 0, result],
    ]),
    [RETURN, 0, 0, KILL_PROCESS],
  ] as const;
  // struct sock_filter: 16 bits of code, two jumps of 8, 32 of operand.
  const code = new Uint8Array(program.length * 8);
  const view = new DataView(code.buffer);
  program.forEach(([operation = 0, whenTrue = 0, whenFalse = 0, operand = 0], index) => {
    view.setUint16(index * 8, operation, true);
    view.setUint8(index * 8 + 2, whenTrue);
    view.setUint8(index * 8 + 3, whenFalse);
    view.setUint32(index * 8 + 4, operand, true);
  });
  // struct sock_fprog: a count of 16 bits, then a pointer.
  const filter = new BigUint64Array([BigInt(program.length), BigInt(addr(code))]);
  sys('prctl', PR.SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  sys('seccomp', SET_MODE_FILTER, 0, filter);
}
