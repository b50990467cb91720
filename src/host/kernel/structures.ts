// Structures of the kernel that differ from machine to machine, here as x86-64 has them.

/** What callers need of struct stat. */
export interface FileStatus {
  readonly device: bigint;
  readonly inode: bigint;
  /** Of a cgroup directory: 2 and one for each directory in it. */
  readonly links: number;
  /** S_IFMT bits and permissions. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number;
  readonly size: number;
}

/** Words of struct stat (arch/x86/include/uapi/asm/stat.h); the size and what follows it lie alike everywhere. */
export function decodeStatus(words: BigUint64Array): FileStatus {
  const halves = new Uint32Array(words.buffer);
  return {
    device: words[0] ?? 0n,
    inode: words[1] ?? 0n,
    links: Number(words[2]),
    mode: halves[6] ?? 0,
    uid: halves[7] ?? 0,
    gid: halves[8] ?? 0,
    rdev: Number(words[5]),
    size: Number(words[6]),
  };
}

/** struct epoll_event (include/uapi/linux/eventpoll.h), packed on x86-64: its bytes, and where the caller's word lies. */
export const EPOLL_EVENT_SIZE = 12;
export const EPOLL_EVENT_DATA = 4;
