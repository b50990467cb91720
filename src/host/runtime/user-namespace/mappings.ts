import type { IdMapping } from '../../../pure/spec/runtime.ts';
import { attempt, isSysError, sys } from '../../kernel/call.ts';
import { CLONE, O, SIGNAL } from '../../kernel/constants.ts';
import { Fd, openFile, writeExisting } from '../../kernel/files.ts';
import { cStrings, exit, exitCode, fork, pipe, waitFor } from '../../kernel/process.ts';
import { named, runtimeError } from '../errors.ts';

export interface Mappings {
  readonly uidMappings: readonly IdMapping[];
  readonly gidMappings: readonly IdMapping[];
}

/** The maps of a process's new user namespace (user_namespaces(7)): by ourselves, or by the set-user-ID helpers. */
export function writeMappings(pid: number, { uidMappings, gidMappings }: Mappings): void {
  writeMap(pid, 'uid', uidMappings);
  writeMap(pid, 'gid', gidMappings);
}

function writeMap(pid: number, kind: 'uid' | 'gid', mappings: readonly IdMapping[]): void {
  const lines = mappings.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}`);
  const write = (): void => writeExisting(`/proc/${pid}/${kind}_map`, lines.join('\n'));
  named(`Write the ${kind} mappings ${lines.join(', ')}`, () => {
    try {
      if (kind === 'gid' && isOwnAlone(kind, mappings)) denyGroups(pid);
      write();
    } catch (error) {
      if (!isSysError(error, 'EPERM') || attempt('geteuid') === 0) throw error;
      mapByHelper(pid, kind, lines);
    }
  });
}

/** Whoever has no privilege may map just the own group, once nobody in the namespace can change groups any more. */
function isOwnAlone(kind: 'uid' | 'gid', mappings: readonly IdMapping[]): boolean {
  const [first, second] = mappings;
  const own = attempt(kind === 'uid' ? 'geteuid' : 'getegid');
  return attempt('geteuid') !== 0 && second === undefined && first?.size === 1 && first.hostID === own;
}

function denyGroups(pid: number): void {
  writeExisting(`/proc/${pid}/setgroups`, 'deny');
}

const HELPER_FOLDERS = ['/usr/bin', '/usr/local/bin', '/bin'];

/** newuidmap(1) and newgidmap(1), which /etc/subuid and /etc/subgid allow. */
function mapByHelper(pid: number, kind: 'uid' | 'gid', lines: readonly string[]): void {
  const name = `new${kind}map`;
  const program = HELPER_FOLDERS.map((folder) => `${folder}/${name}`).find(
    (path) => attempt('access', path, 1) === 0,
  );
  if (program === undefined) {
    throw runtimeError(
      'RUNTIME_MAPPING_REFUSED',
      `The ${kind} mappings need ${name}, which is not installed: it comes with the Debian package uidmap`,
    );
  }
  const argv = cStrings([name, String(pid), ...lines.flatMap((line) => line.split(' '))]);
  const child = fork();
  if (child === 0) {
    attempt('execve', program, argv.pointers, cStrings([]).pointers);
    exit(127);
  }
  const code = exitCode(waitFor(child));
  if (code === 0) return;
  throw runtimeError(
    'RUNTIME_MAPPING_REFUSED',
    `${program} refused the mappings ${lines.join(', ')} with exit code ${code}: see /etc/sub${kind}`,
  );
}

/** A user namespace with these mappings, that lives as long as the descriptor. */
export function makeUserNamespace(mappings: Mappings): Fd {
  const [reading, writing] = pipe();
  using end = new Fd(reading);
  using hold = new Fd(writing);
  const pid = fork({ flags: CLONE.NEWUSER });
  if (pid === 0) {
    attempt('close', hold.number);
    attempt('read', end.number, new Uint8Array(1), 1);
    exit(0);
  }
  try {
    writeMappings(pid, mappings);
    return openFile(`/proc/${pid}/ns/user`, O.RDONLY);
  } finally {
    sys('kill', pid, SIGNAL.KILL);
    waitFor(pid);
  }
}
