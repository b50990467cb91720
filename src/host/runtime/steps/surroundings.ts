import { attempt, sys } from '../../kernel/call.ts';
import { AF, KEYCTL_JOIN_SESSION_KEYRING, O, SOCK } from '../../kernel/constants.ts';
import { Fd, encode, openFile, writeExisting } from '../../kernel/files.ts';

/**
 * A process of one thread that moves itself by writing 0 to v1's `tasks` doesn't take the kernel's lock over all
 * thread groups; a write to `cgroup.procs` does, and waits 7 to 12 ms after a quiet moment
 * (kernel/cgroup/cgroup.c, cgroup_procs_write_start).
 */
export function joinCgroups(directories: readonly string[]): void {
  for (const directory of directories) {
    using tasks = openFile(`${directory}/tasks`, O.WRONLY);
    sys('write', tasks.number, '0', 1);
  }
}

export function adjustOomScore(score: number): void {
  writeExisting('/proc/self/oom_score_adj', String(score));
}

export function joinNamespace(path: string, flag: number): void {
  using namespace = openFile(path, O.RDONLY);
  sys('setns', namespace.number, flag);
}

const QUOTA_OR_ABSENT: readonly number[] = [-38, -122];

/** So that the container does not find the caller's keys; a kernel without keyrings has none to hide. */
export function newSessionKeyring(name: string): void {
  const result = attempt('keyctl', KEYCTL_JOIN_SESSION_KEYRING, name);
  if (result < 0 && !QUOTA_OR_ABSENT.includes(result)) sys('keyctl', KEYCTL_JOIN_SESSION_KEYRING, name);
}

const SIOCSIFFLAGS = 0x8914;
const IFF_UP = 1;

/** struct ifreq: a name of 16 bytes, then the flags. */
export function raiseLoopback(): void {
  using socket = new Fd(sys('socket', AF.INET, SOCK.DGRAM | SOCK.CLOEXEC, 0));
  const request = new Uint8Array(40);
  request.set(encode('lo'));
  request[16] = IFF_UP;
  sys('ioctl', socket.number, SIOCSIFFLAGS, request);
}

export function setHostname(name: string): void {
  sys('sethostname', name, encode(name).length);
}

export function setDomainname(name: string): void {
  sys('setdomainname', name, encode(name).length);
}
