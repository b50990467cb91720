import type { FileStatus } from '../structures.ts';

/** Words of struct stat (include/uapi/asm-generic/stat.h). */
export function decodeStatus(words: BigUint64Array): FileStatus {
  const halves = new Uint32Array(words.buffer);
  return {
    device: words[0] ?? 0n,
    inode: words[1] ?? 0n,
    links: halves[5] ?? 0,
    mode: halves[4] ?? 0,
    uid: halves[6] ?? 0,
    gid: halves[7] ?? 0,
    rdev: Number(words[4]),
    size: Number(words[6]),
  };
}

/** struct epoll_event (include/uapi/linux/eventpoll.h): its bytes, and where the caller's word lies. */
export const EPOLL_EVENT_SIZE = 16;
export const EPOLL_EVENT_DATA = 8;
