import { SysError, attempt, sys } from '../../kernel/call.ts';
import {
  CAPABILITIES,
  CAPABILITY_VERSION_3,
  hasCapability,
  type CapabilityBits,
} from '../../kernel/capabilities.ts';
import { CAP_AMBIENT, CLOSE_RANGE_CLOEXEC, O, PR, S } from '../../kernel/constants.ts';
import { Fd, readAll } from '../../kernel/files.ts';
import { isCharacterDevice, statusOf } from '../../kernel/stat.ts';
import { named, runtimeError } from '../errors.ts';
import { attributesModule } from '../process-attributes/process-attributes.ts';
import type { ProcessPlan } from '../plan/process.ts';

const EINVAL = -22;
const EPERM = -1;

/** Gives this process the limits, identity and powers of the container's; what it does after is done as that user. */
export function become(plan: ProcessPlan, preservedFds: number): void {
  if (plan.attributes !== undefined) attributesModule().applyAttributes(plan.attributes);
  const { personality } = plan;
  if (personality !== undefined) named('Set linux.personality', () => sys('personality', personality));
  setRlimits(plan);
  giveStreams(plan.uid);
  // Numbers above the preserved ones are ours alone: none survives execve.
  sys('close_range', 3 + preservedFds, 0xffffffff, CLOSE_RANGE_CLOEXEC);
  sys('umask', plan.umask);
  // With all powers first, as the peers do: the place may be one that its user could not enter.
  const isThere = attempt('chdir', plan.cwd) === 0;
  if (plan.isAdminLent === true) keepInheritable(plan.inheritable);
  named('Drop capabilities', () => dropBounding(plan.bounding));
  const unmapped = (errno: number): string | undefined =>
    errno === 22 ? 'one of the ids or groups has no mapping in the user namespace' : undefined;
  named(`Become user ${plan.uid}:${plan.gid}`, () => changeUser(plan), unmapped);
  named('Set capabilities', () => setCapabilities(plan));
  if (plan.noNewPrivileges) sys('prctl', PR.SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (!isThere) named(`Change to the directory ${plan.cwd}`, () => sys('chdir', plan.cwd));
  verifyWorkingDirectory(plan.cwd);
}

function setRlimits({ rlimits }: ProcessPlan): void {
  const hint = (errno: number): string | undefined =>
    errno === 1 ? 'raising a hard limit needs CAP_SYS_RESOURCE, which the caller lacks' : undefined;
  for (const { type, number, soft, hard } of rlimits) {
    const set = (): number => sys('prlimit64', 0, number, new BigUint64Array([soft, hard]), null);
    named(`Set ${type} to ${soft}:${hard}`, set, hint);
  }
}

/** So that a program that isn't root can open /dev/stdout again; what can't be given away stays as it is. */
function giveStreams(uid: number): void {
  if (uid === 0) return;
  for (const stream of [0, 1, 2]) {
    const status = statusOf(stream);
    if (status.uid !== uid && !isCharacterDevice(status, 1, 3)) attempt('fchown', stream, uid, -1);
  }
}

/** What isn't bounding can't become inheritable, but what is so stays so. */
function keepInheritable([low, high]: CapabilityBits): void {
  const header = new Uint32Array([CAPABILITY_VERSION_3, 0]);
  const sets = new Uint32Array(6);
  sys('capget', header, sets);
  sets[2] = low;
  sets[5] = high;
  named('Keep CAP_SYS_ADMIN for the seccomp filter', () => sys('capset', header, sets));
}

function dropBounding(bounding: CapabilityBits): void {
  for (let number = 0; number < CAPABILITIES.length; number++) {
    if (hasCapability(bounding, number)) continue;
    const result = attempt('prctl', PR.CAPBSET_DROP, number, 0, 0, 0);
    // An older kernel knows fewer.
    if (result < 0 && result !== EINVAL) throw new SysError('prctl', -result, '');
  }
}

function changeUser({ uid, gid, groups }: ProcessPlan): void {
  sys('prctl', PR.SET_KEEPCAPS, 1, 0, 0, 0);
  if (groups !== undefined) changeGroups(groups);
  sys('setresgid', gid, gid, gid);
  sys('setresuid', uid, uid, uid);
}

function changeGroups(groups: readonly number[]): void {
  const result = attempt('setgroups', groups.length, new Uint32Array(groups.length === 0 ? [0] : groups));
  // A user namespace without a privileged parent may not change groups (user_namespaces(7)); it has none to lose.
  if (result < 0 && (result !== EPERM || groups.length > 0)) throw new SysError('setgroups', -result, '');
}

function setCapabilities({ effective, permitted, inheritable, ambient }: ProcessPlan): void {
  const header = new Uint32Array([CAPABILITY_VERSION_3, 0]);
  const [low, high] = [0, 1].map((half) => [
    effective[half] ?? 0,
    permitted[half] ?? 0,
    inheritable[half] ?? 0,
  ]);
  sys('capset', header, new Uint32Array([...(low ?? []), ...(high ?? [])]));
  if (ambient[0] === 0 && ambient[1] === 0) return;
  for (let number = 0; number < CAPABILITIES.length; number++) {
    if (hasCapability(ambient, number)) sys('prctl', PR.CAP_AMBIENT, CAP_AMBIENT.RAISE, number, 0, 0);
  }
}

/** A directory that was reached through a descriptor of the host has no path here (CVE-2024-21626). */
function verifyWorkingDirectory(cwd: string): void {
  const buffer = new Uint8Array(4096);
  const length = attempt('getcwd', buffer, buffer.length);
  if (length > 0 && buffer[0] === '/'.charCodeAt(0)) return;
  throw runtimeError('RUNTIME_CWD_OUTSIDE', `The directory ${cwd} lies outside the container's root`);
}

const PASSWD_LIMIT = 1 << 20;

/** The environment with HOME, which the document may leave out: the user's in /etc/passwd, else `/`. */
export function withHome({ env, uid }: ProcessPlan): readonly string[] {
  return env.some((variable) => variable.startsWith('HOME=')) ? env : [...env, `HOME=${homeOf(uid)}`];
}

function homeOf(uid: number): string {
  for (const line of readPasswd().split('\n')) {
    const fields = line.split(':');
    if (fields[2] === String(uid) && fields[5] !== undefined && fields[5] !== '') return fields[5];
  }
  return '/';
}

/** The image's file, so of any kind and size: what is no readable regular file of moderate size counts as empty. */
function readPasswd(): string {
  const result = attempt('open', '/etc/passwd', O.RDONLY | O.NONBLOCK | O.NOCTTY | O.CLOEXEC, 0);
  if (result < 0) return '';
  using file = new Fd(result);
  const { mode, size } = statusOf(file.number);
  if ((mode & S.IFMT) !== S.IFREG || size > PASSWD_LIMIT) return '';
  const content = readAll(file.number, PASSWD_LIMIT);
  return utf8(content, 0, content.length);
}
