import { SysError } from '../call.ts';
import { O } from '../constants.ts';
import { ERRNO } from '../errno.ts';
import { Fd, openAt, readAll } from '../files.ts';
import { statusOf } from '../stat.ts';
import { openInProc, openProc } from './proc.ts';

const MOUNTINFO_LIMIT = 64 << 20;

interface Mounted {
  readonly id: number;
  readonly parent: number;
  readonly place: string;
}

/** All mounts in a mount's tree but itself, as descriptors for the caller to close, from the top down. */
export function mountsBelow(mount: number): readonly number[] {
  using proc = openProc();
  const top = mountIdOf(proc, mount);
  const all = readMounts(proc);
  const root = all.find(({ id }) => id === top);
  if (root === undefined) throw new SysError('mount_setattr', ERRNO.EINVAL, '');
  const found: number[] = [];
  try {
    for (const one of descendantsOf(all, root)) {
      // What another mount lies upon can't be reached.
      const isCovered = all.some(({ parent, place }) => parent === one.id && place === one.place);
      if (!isCovered) found.push(open(proc, { mount, root, one }));
    }
    return found;
  } catch (error) {
    for (const number of found) new Fd(number).close();
    throw error;
  }
}

function descendantsOf(all: readonly Mounted[], above: Mounted): readonly Mounted[] {
  const below = all.filter(({ id, parent }) => parent === above.id && id !== above.id);
  return below.flatMap((one) => [one, ...descendantsOf(all, one)]);
}

interface Opening {
  readonly mount: number;
  readonly root: Mounted;
  readonly one: Mounted;
}

/** By its path from the top, and only if it is the very mount that the kernel has listed there. */
function open(proc: Fd, { mount, root, one }: Opening): number {
  const path = one.place.slice(root.place === '/' ? 1 : root.place.length + 1);
  const fd = openAt(mount, path, O.PATH | O.NOFOLLOW);
  if (mountIdOf(proc, fd.number) === one.id) return fd.release();
  fd.close();
  throw new SysError('mount_setattr', ERRNO.EBUSY, one.place);
}

/** Whether a directory is the root of what is mounted there. */
export function isMountRoot(directory: number): boolean {
  using proc = openProc();
  using above = openAt(directory, '..', O.PATH | O.DIRECTORY);
  return (
    mountIdOf(proc, directory) !== mountIdOf(proc, above.number) ||
    statusOf(directory).inode === statusOf(above.number).inode
  );
}

/** Whether files are of one mount, which its device alone doesn't tell. */
export function areOnOneMount(fds: readonly number[]): boolean {
  using proc = openProc();
  const [first, ...others] = fds.map((fd) => mountIdOf(proc, fd));
  return others.every((id) => id === first);
}

/** proc_pid_fdinfo(5), since Linux 3.15. */
function mountIdOf(proc: Fd, fd: number): number {
  const id = /^mnt_id:\s*(\d+)$/m.exec(read(proc, `self/fdinfo/${fd}`))?.[1];
  return Number(id ?? -1);
}

/** proc_pid_mountinfo(5): those that can be reached from this process's root. */
function readMounts(proc: Fd): readonly Mounted[] {
  return read(proc, 'self/mountinfo')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [id, parent, , , place = ''] = line.split(' ', 5);
      return { id: Number(id), parent: Number(parent), place: unescape(place) };
    });
}

function read(proc: Fd, path: string): string {
  using file = openInProc(proc, path, O.RDONLY);
  const content = readAll(file.number, MOUNTINFO_LIMIT);
  return utf8(content, 0, content.length);
}

/** Blanks and backslashes stand as three octal digits. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
