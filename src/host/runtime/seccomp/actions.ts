import type { SeccompAction } from '../../../pure/spec/seccomp.ts';

const EPERM = 1;

/** include/uapi/linux/seccomp.h: what a filter gives back. */
const VALUES: Readonly<Record<SeccompAction, number>> = {
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_KILL: 0,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_TRAP: 0x30000,
  SCMP_ACT_ERRNO: 0x50000,
  SCMP_ACT_NOTIFY: 0x7fc00000,
  SCMP_ACT_TRACE: 0x7ff00000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_ALLOW: 0x7fff0000,
};

/** libseccomp's answer to a call of an architecture that the profile doesn't name. */
export const KILL = VALUES.SCMP_ACT_KILL;

/** Answers a call that is newer than the profile as a kernel without it would. */
export const NO_SUCH_CALL = VALUES.SCMP_ACT_ERRNO + 38;

/** The 32-bit value of an action; `errno` counts for two of them and is cut to 16 bits, as the kernel's field is. */
export function actionValue(action: SeccompAction, errno: number | undefined): number {
  const takesErrno = action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE';
  return VALUES[action] + (takesErrno ? (errno ?? EPERM) & 0xffff : 0);
}
