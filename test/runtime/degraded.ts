// Programs for which system calls are refused, as older kernels and the seccomp profiles of outer containers do it.

import { compileProgram } from './confined.ts';

/** The numbers of recent calls, the same on all machines (include/uapi/asm-generic/unistd.h). */
export const RECENT = {
  pidfd_send_signal: 424,
  open_tree: 428,
  move_mount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  pidfd_open: 434,
  clone3: 435,
  close_range: 436,
  openat2: 437,
  pidfd_getfd: 438,
  faccessat2: 439,
  mount_setattr: 442,
} as const;

export type Recent = keyof typeof RECENT;

const NAMES = Object.keys(RECENT) as Recent[];

/** What kernels in use lack, by their version; the same of a profile of their time. */
export const LACKING: ReadonlyMap<string, readonly Recent[]> = new Map([
  ['Linux 5.10', ['mount_setattr']],
  ['Linux 5.4', ['close_range', 'openat2', 'pidfd_getfd', 'faccessat2', 'mount_setattr']],
  ['Linux 4.19', NAMES],
  ...NAMES.map((name): [string, readonly Recent[]] => [name, [name]]),
]);

export const REFUSALS = { ENOSYS: 38, EPERM: 1 } as const;

/** The beginning of a command to which those calls are refused. */
export function without(names: readonly Recent[], refusal: keyof typeof REFUSALS): readonly string[] {
  const numbers = names.map((name) => RECENT[name]).join(',');
  return [compileProgram('degrade'), String(REFUSALS[refusal]), numbers];
}
