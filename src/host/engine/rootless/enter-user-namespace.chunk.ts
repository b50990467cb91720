import { attempt, isSysError, retry, sys } from '../../kernel/call.ts';
import { CLONE, LOCK, O } from '../../kernel/constants.ts';
import { createFile, Fd, makeDirectories, openFile, readTextIfThere } from '../../kernel/files.ts';
import { statusOf } from '../../kernel/stat.ts';
import { isCortenError } from '../../../pure/base/errors.ts';
import { connectMonitor } from '../../monitor/connect-monitor.ts';
import { allContainers } from '../find-container.ts';
import { openContainer } from '../container-status.ts';
import { engineError } from '../errors.ts';
import { isProcess } from '../is-process.ts';
import { rememberExecutable } from '../node/find-node.ts';
import type { Roots } from '../roots.ts';
import { makeOwnNamespace } from './own-namespace.ts';
import { startTimeOf } from './start-time.ts';

const PRIVATE = 0o700;
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
/** Milliseconds that a monitor has to answer, which is but busy at the worst. */
const PATIENCE = 1000;

/**
 * The user namespace of all of a user's containers: that of any monitor or command of theirs which lives, else a new
 * one. This process becomes root in it, with mounts of its own. Commands do so one after another, so that there are
 * never two such namespaces.
 */
export function enterUserNamespace(roots: Roots): void {
  for (const folder of [roots.store, roots.run]) requireOwn(folder);
  rememberExecutable();
  using lock = openFile(`${roots.run}/user-namespace.lock`, O.RDWR | O.CREAT | O.NOFOLLOW, 0o600);
  retry('flock', lock.number, LOCK.EX);
  const commands = livingCommands(roots);
  using found = firstOf([...commands.map(({ pid }) => pid), ...monitorsOf(roots)]);
  if (found === undefined) makeOwnNamespace();
  else sys('setns', found.number, CLONE.NEWUSER);
  sys('unshare', CLONE.NEWNS);
  note(roots, [...commands, ownEntry()]);
}

/** Makes a directory of the user's own, or takes it. Throws ENGINE_STORE_UNREADABLE. */
function requireOwn(folder: string): void {
  try {
    makeDirectories(folder, PRIVATE);
    using opened = openFile(folder, O.RDONLY | O.DIRECTORY);
    if (statusOf(opened.number).uid === attempt('geteuid')) return;
  } catch (error) {
    if (!isSysError(error, 'EACCES', 'EPERM', 'EROFS')) throw error;
  }
  const text = `The directory ${folder} is not yours: type the same command as root, or name one of your own by CORTEN_ROOT and CORTEN_RUN`;
  throw engineError('ENGINE_STORE_UNREADABLE', text);
}

interface Command {
  readonly pid: number;
  readonly startTime: string;
}

function ownEntry(): Command {
  const pid = sys('getpid');
  return { pid, startTime: startTimeOf(pid) };
}

/** Those that have entered and not yet ended. */
function livingCommands({ run }: Roots): readonly Command[] {
  return (readTextIfThere(fileIn(run)) ?? '')
    .split('\n')
    .map((line) => line.split(' '))
    .map(([pid = '', startTime = '']) => ({ pid: Number(pid), startTime }))
    .filter(({ pid, startTime }) => pid > 0 && isProcess(pid, startTime));
}

function note({ run }: Roots, commands: readonly Command[]): void {
  attempt('unlink', fileIn(run));
  createFile(fileIn(run), commands.map(({ pid, startTime }) => `${pid} ${startTime}\n`).join(''), 0o600);
}

function fileIn(run: string): string {
  return `${run}/user-namespace.pids`;
}

function* monitorsOf(roots: Roots): Iterable<number> {
  for (const places of allContainers(roots)) {
    using directory = openContainer(places);
    const pid = directory && monitorOf(directory);
    if (pid !== undefined) yield pid;
  }
}

/** Who listens on the container's socket, unix(7). */
function monitorOf(directory: Fd): number | undefined {
  try {
    using connection = connectMonitor(directory.number, PATIENCE);
    if (connection === undefined) return undefined;
    const credentials = new Uint32Array(3);
    const size = new Uint32Array([12]);
    const result = attempt('getsockopt', connection.fd, SOL_SOCKET, SO_PEERCRED, credentials, size);
    return result === 0 ? credentials[0] : undefined;
  } catch (error) {
    if (isCortenError(error)) return undefined;
    throw error;
  }
}

/** The first user namespace that isn't the one we are in already. */
function firstOf(pids: Iterable<number>): Fd | undefined {
  const own = nameOf('self');
  for (const pid of pids) {
    const name = nameOf(pid);
    if (name === '' || name === own) continue;
    const opened = attempt('open', `/proc/${pid}/ns/user`, O.RDONLY | O.CLOEXEC, 0);
    if (opened >= 0) return new Fd(opened);
  }
  return undefined;
}

function nameOf(process: number | 'self'): string {
  const buffer = new Uint8Array(64);
  const length = attempt('readlink', `/proc/${process}/ns/user`, buffer, buffer.length);
  return length < 0 ? '' : utf8(buffer, 0, length);
}
