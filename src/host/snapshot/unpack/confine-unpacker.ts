import { attempt, sys } from '../../kernel/call.ts';
import { CAPABILITIES, CAPABILITY_VERSION_3, capabilityBits } from '../../kernel/capabilities.ts';
import { PR } from '../../kernel/constants.ts';
import { allowOnly } from '../../kernel/seccomp-list.ts';

/** For files of other owners, devices and file capabilities; CAP_SYS_ADMIN for `trusted.` attributes alone. */
const KEPT = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_MKNOD',
  'CAP_SETFCAP',
  'CAP_SYS_ADMIN',
];

/** What making files takes, and what the JavaScript engine itself does. */
const CALLS = [
  ...(['openat', 'openat2', 'close', 'read', 'write', 'pread64', 'pwrite64', 'lseek', 'ftruncate'] as const),
  ...(['mkdirat', 'mknodat', 'symlinkat', 'linkat', 'unlinkat', 'renameat', 'getdents64'] as const),
  ...(['fchown', 'fchownat', 'fchmod', 'fchmodat', 'utimensat', 'fstat', 'newfstatat', 'fchdir'] as const),
  ...(['setxattr', 'fsetxattr', 'lsetxattr', 'llistxattr', 'lgetxattr', 'lremovexattr'] as const),
  ...(['mmap', 'munmap', 'mremap', 'madvise', 'brk', 'clock_gettime', 'rt_sigreturn', 'exit_group'] as const),
] as const;

/**
 * Shuts this process in the directory that it may fill, for good: chroot, no capability but those for making files,
 * no new privileges, and no system call but theirs, so no network, no process, no mount. `directory` is open.
 */
export function confineUnpacker(directory: number): void {
  sys('fchdir', directory);
  sys('chroot', '.');
  sys('umask', 0);
  for (let number = 0; number < CAPABILITIES.length; number++) {
    attempt('prctl', PR.CAPBSET_DROP, number, 0, 0, 0);
  }
  keepCapabilities();
  allowOnly({ allowed: CALLS, refused: ['ioctl'] });
}

function keepCapabilities(): void {
  const header = new Uint32Array([CAPABILITY_VERSION_3, 0]);
  const had = new Uint32Array(6);
  sys('capget', header, had);
  const [low, high] = capabilityBits(KEPT, () => undefined);
  const first = low & (had[1] ?? 0);
  const second = high & (had[4] ?? 0);
  sys('capset', header, new Uint32Array([first, first, 0, second, second, 0]));
}
