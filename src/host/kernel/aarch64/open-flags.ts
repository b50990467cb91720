import type { O as ofX86 } from '../open-flags.ts';

/** arch/arm64/include/uapi/asm/fcntl.h over include/uapi/asm-generic/fcntl.h. */
export const O = {
  RDONLY: 0,
  WRONLY: 1,
  RDWR: 2,
  CREAT: 0o100,
  EXCL: 0o200,
  NOCTTY: 0o400,
  TRUNC: 0o1000,
  APPEND: 0o2000,
  NONBLOCK: 0o4000,
  DIRECTORY: 0o40000,
  NOFOLLOW: 0o100000,
  CLOEXEC: 0o2000000,
  PATH: 0o10000000,
  /** With DIRECTORY, which it needs. */
  TMPFILE: 0o20040000,
} as const satisfies Record<keyof typeof ofX86, number>;
