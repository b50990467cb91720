// Constants of the kernel's interface, the same on x86-64 and aarch64 but for O; each family names its header.

import { O } from './open-flags.ts';

export { O };

/** include/uapi/linux/fcntl.h */
export const AT = {
  FDCWD: -100,
  SYMLINK_NOFOLLOW: 0x100,
  REMOVEDIR: 0x200,
  SYMLINK_FOLLOW: 0x400,
  EMPTY_PATH: 0x1000,
  RECURSIVE: 0x8000,
} as const;

/** include/uapi/linux/openat2.h */
export const RESOLVE = {
  NO_XDEV: 0x01,
  NO_MAGICLINKS: 0x02,
  NO_SYMLINKS: 0x04,
  BENEATH: 0x08,
  IN_ROOT: 0x10,
} as const;

/** include/uapi/linux/stat.h */
export const S = {
  IFMT: 0o170000,
  IFSOCK: 0o140000,
  IFLNK: 0o120000,
  IFREG: 0o100000,
  IFBLK: 0o060000,
  IFDIR: 0o040000,
  IFCHR: 0o020000,
  IFIFO: 0o010000,
} as const;

/** include/uapi/linux/mount.h: flags of mount(2). */
export const MS = {
  RDONLY: 1,
  NOSUID: 2,
  NODEV: 4,
  NOEXEC: 8,
  SYNCHRONOUS: 16,
  REMOUNT: 32,
  MANDLOCK: 64,
  DIRSYNC: 128,
  NOSYMFOLLOW: 256,
  NOATIME: 1024,
  NODIRATIME: 2048,
  BIND: 4096,
  MOVE: 8192,
  REC: 16384,
  SILENT: 32768,
  POSIXACL: 1 << 16,
  UNBINDABLE: 1 << 17,
  PRIVATE: 1 << 18,
  SLAVE: 1 << 19,
  SHARED: 1 << 20,
  RELATIME: 1 << 21,
  STRICTATIME: 1 << 24,
  LAZYTIME: 1 << 25,
} as const;

export const MNT_DETACH = 2;

/** include/uapi/linux/mount.h: attributes of fsmount(2) and mount_setattr(2). */
export const MOUNT_ATTR = {
  RDONLY: 0x1,
  NOSUID: 0x2,
  NODEV: 0x4,
  NOEXEC: 0x8,
  ATIME: 0x70,
  RELATIME: 0x0,
  NOATIME: 0x10,
  STRICTATIME: 0x20,
  NODIRATIME: 0x80,
  IDMAP: 0x100000,
  NOSYMFOLLOW: 0x200000,
} as const;

/** include/uapi/linux/mount.h: fsopen(2), fsconfig(2), move_mount(2), open_tree(2). */
export const FSOPEN_CLOEXEC = 1;
export const FSMOUNT_CLOEXEC = 1;
export const FSCONFIG = {
  SET_FLAG: 0,
  SET_STRING: 1,
  SET_BINARY: 2,
  SET_PATH: 3,
  SET_PATH_EMPTY: 4,
  SET_FD: 5,
  CMD_CREATE: 6,
  CMD_RECONFIGURE: 7,
} as const;
export const MOVE_MOUNT = { F_SYMLINKS: 1, F_EMPTY_PATH: 4, T_SYMLINKS: 0x10, T_EMPTY_PATH: 0x40 } as const;
export const OPEN_TREE = { CLONE: 1, CLOEXEC: O.CLOEXEC } as const;

/** include/uapi/linux/sched.h */
export const CLONE = {
  NEWTIME: 0x80,
  PARENT: 0x8000,
  NEWNS: 0x20000,
  NEWCGROUP: 0x2000000,
  NEWUTS: 0x4000000,
  NEWIPC: 0x8000000,
  NEWUSER: 0x10000000,
  NEWPID: 0x20000000,
  NEWNET: 0x40000000,
  PIDFD: 0x1000,
  INTO_CGROUP: 0x200000000,
} as const;

/** include/uapi/linux/prctl.h */
export const PR = {
  SET_PDEATHSIG: 1,
  SET_DUMPABLE: 4,
  SET_KEEPCAPS: 8,
  SET_NAME: 15,
  CAPBSET_READ: 23,
  CAPBSET_DROP: 24,
  SET_CHILD_SUBREAPER: 36,
  SET_NO_NEW_PRIVS: 38,
  CAP_AMBIENT: 47,
} as const;

/** include/uapi/linux/prctl.h: PR_CAP_AMBIENT's operations. */
export const CAP_AMBIENT = { RAISE: 2, CLEAR_ALL: 4 } as const;

export const POLL = { IN: 1, PRI: 2, OUT: 4, ERR: 8, HUP: 16, NVAL: 32 } as const;

/** include/uapi/asm-generic/ioctls.h */
export const TIOC = {
  SCTTY: 0x540e,
  GWINSZ: 0x5413,
  SWINSZ: 0x5414,
  GPTN: 0x80045430,
  SPTLCK: 0x40045431,
  GPTPEER: 0x5441,
} as const;
export const TC = { GETS: 0x5401, SETS: 0x5402 } as const;

/** include/uapi/linux/magic.h */
export const MAGIC = {
  CGROUP: 0x27e0eb,
  CGROUP2: 0x63677270,
  TMPFS: 0x01021994,
  PROC: 0x9fa0,
  SYSFS: 0x62656572,
  DEVPTS: 0x1cd1,
} as const;

export const SIGNAL = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  PWR: 30,
  SYS: 31,
} as const;

/** include/uapi/linux/fcntl.h */
export const F = {
  DUPFD_CLOEXEC: 1030,
  GETFD: 1,
  SETFD: 2,
  GETFL: 3,
  SETFL: 4,
  SETPIPE_SZ: 1031,
  ADD_SEALS: 1033,
} as const;
export const F_SEAL_ALL = 0xf;
export const FD_CLOEXEC = 1;

/** include/uapi/asm-generic/fcntl.h */
export const LOCK = { SH: 1, EX: 2, NB: 4, UN: 8 } as const;

/** include/uapi/linux/memfd.h; MFD_EXEC since Linux 6.3. */
export const MFD = { CLOEXEC: 1, ALLOW_SEALING: 2, EXEC: 0x10 } as const;

/** include/uapi/linux/close_range.h */
export const CLOSE_RANGE_CLOEXEC = 4;

/** include/uapi/linux/keyctl.h */
export const KEYCTL_JOIN_SESSION_KEYRING = 1;

/** include/uapi/asm-generic/signal-defs.h, wait.h */
export const SIG = { BLOCK: 0, UNBLOCK: 1, SETMASK: 2 } as const;
export const WNOHANG = 1;

/** access(2) */
export const X_OK = 1;

/** include/linux/socket.h, include/linux/net.h */
export const SOCK = {
  STREAM: 1,
  DGRAM: 2,
  RAW: 3,
  SEQPACKET: 5,
  CLOEXEC: O.CLOEXEC,
  NONBLOCK: O.NONBLOCK,
} as const;
export const AF = { UNIX: 1, INET: 2, INET6: 10, NETLINK: 16 } as const;
export const MSG = { CMSG_CLOEXEC: 0x40000000, DONTWAIT: 0x40, NOSIGNAL: 0x4000 } as const;

/** include/uapi/asm-generic/socket.h, include/uapi/linux/in6.h */
export const SOL = { SOCKET: 1, IPV6: 41 } as const;
export const SO = { REUSEADDR: 2, ERROR: 4, ATTACH_FILTER: 26, V6ONLY: 26 } as const;

/** include/uapi/linux/netlink.h */
export const NETLINK = { ROUTE: 0, NETFILTER: 12 } as const;
