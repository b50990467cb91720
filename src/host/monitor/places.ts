import { retry, attempt, sys } from '../kernel/call.ts';
import { AT, LOCK, O } from '../kernel/constants.ts';
import { openFile, type Fd } from '../kernel/files.ts';

/** Where everything of one container lies. Plain data: it crosses the monitor's execve(2). */
export interface Places {
  readonly id: string;
  readonly name: string;
  /** Wanted state, journal, logs, upper; mode 0700. A flock(2) on it says that a monitor lives. */
  readonly directory: string;
  /** The runtime's own state root. */
  readonly runtimeRoot: string;
  /** The folder whose symbolic links reserve names: each leads from a name to an ID. */
  readonly names: string;
  /** The folder where events are on record. */
  readonly events: string;
}

export const CONFIG_FILE = 'config.json';
export const JOURNAL_FILE = 'journal';
export const SOCKET_FILE = 'monitor.sock';
export const LOG_FILE = 'container.log';

/** linux.cgroupsPath of a container: nobody else's cgroup has an ID of ours for a name. */
export function cgroupsPath(id: string, parent = ''): string {
  return `${parent}/corten-${id}`;
}

/** The directory's descriptor with the lock that its monitor holds from now on. */
export function lockDirectory(path: string): Fd {
  const directory = openFile(path, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  // Blocking: whoever only looks holds a shared lock for a moment.
  retry('flock', directory.number, LOCK.EX);
  return directory;
}

/** Whether a monitor holds the directory: the kernel's word, however the monitor may have ended. */
export function isMonitored(directory: number): boolean {
  const result = attempt('flock', directory, LOCK.SH | LOCK.NB);
  if (result === 0) attempt('flock', directory, LOCK.UN);
  return result !== 0;
}

/**
 * The folder of names, locked until closed. Shared by those who reserve a name and make the directory that belongs
 * to it; alone by whoever frees a name, so that it never frees that of a container in the making.
 */
export function lockNames(names: string, mode: 'shared' | 'alone'): Fd {
  const folder = openFile(names, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  retry('flock', folder.number, mode === 'shared' ? LOCK.SH : LOCK.EX);
  return folder;
}

/** The ID that a name leads to. Throws ENOENT where the name is free. */
export function readName(folder: number, name: string): string {
  const buffer = new Uint8Array(256);
  return utf8(buffer, 0, sys('readlinkat', folder, name, buffer, buffer.length));
}

/** Whether there is anything at a path. */
export function exists(path: string): boolean {
  return attempt('newfstatat', AT.FDCWD, path, new BigUint64Array(18), AT.SYMLINK_NOFOLLOW) === 0;
}
