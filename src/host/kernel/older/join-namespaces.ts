import { SysError, sys } from '../call.ts';
import { CLONE, O } from '../constants.ts';
import { ERRNO } from '../errno.ts';
import { openAt, openFile, type Fd } from '../files.ts';
import { statusOf } from '../stat.ts';
import { openInProc, openProc } from './proc.ts';
import { hasEnded, pidOf } from './processes.ts';

/** By what each is called in /proc/PID/ns, in the order in which setns(2) of a process joins them. */
const NAMESPACES: readonly (readonly [name: string, flag: number])[] = [
  ['user', CLONE.NEWUSER],
  ['mnt', CLONE.NEWNS],
  ['uts', CLONE.NEWUTS],
  ['ipc', CLONE.NEWIPC],
  ['pid', CLONE.NEWPID],
  ['cgroup', CLONE.NEWCGROUP],
  ['net', CLONE.NEWNET],
  ['time', CLONE.NEWTIME],
];

/** setns(2) one by one into namespaces of a process, given as a pidfd or as its directory of /proc. */
export function joinNamespaces(process: number, flags: number): void {
  using directory = openDirectoryOf(process);
  const opened: Fd[] = [];
  try {
    const flagOf = new Map<Fd, number>();
    for (const [name, flag] of NAMESPACES) {
      if ((flags & flag) === 0) continue;
      const namespace = openAt(directory.number, `ns/${name}`, O.RDONLY);
      opened.push(namespace);
      // Nobody can enter the user namespace that they are in.
      if (flag !== CLONE.NEWUSER || !isOurs(namespace)) flagOf.set(namespace, flag);
    }
    // All of them are open by now, and the process is there: none is another's.
    if (hasEnded(directory.number)) throw new SysError('setns', ERRNO.ESRCH, '');
    for (const [namespace, flag] of flagOf) sys('setns', namespace.number, flag);
  } finally {
    for (const namespace of opened) namespace.close();
  }
}

function openDirectoryOf(process: number): Fd {
  using proc = openProc();
  const pid = pidOf(process);
  // Or no process at all, but a namespace of another kind.
  if (pid === undefined) throw new SysError('setns', ERRNO.EINVAL, '');
  const directory = openInProc(proc, String(pid), O.RDONLY | O.DIRECTORY);
  if (pidOf(process) === pid) return directory;
  directory.close();
  throw new SysError('setns', ERRNO.ESRCH, '');
}

function isOurs(namespace: Fd): boolean {
  using own = openFile('/proc/self/ns/user', O.RDONLY);
  const [ours, theirs] = [statusOf(own.number), statusOf(namespace.number)];
  return ours.inode === theirs.inode && ours.device === theirs.device;
}
