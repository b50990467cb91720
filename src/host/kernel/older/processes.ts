import { attempt, isSysError, type Argument } from '../call.ts';
import { F, O } from '../constants.ts';
import { ERRNO } from '../errno.ts';
import { openAt, readAll, type Fd } from '../files.ts';
import { openInProc, openProc } from './proc.ts';

/** In the place of a pidfd: the process's directory of /proc, which goes with that very process. */
export function openProcessDirectory([pid]: readonly Argument[]): number {
  using proc = openProc();
  const name = numbersOf(proc, 'self').length === 1 ? Number(pid) : childOf(proc, Number(pid));
  if (name === undefined) return -ERRNO.ESRCH;
  const result = attempt('openat', proc.number, String(name), O.RDONLY | O.DIRECTORY | O.CLOEXEC, 0);
  return result === -ERRNO.ENOENT ? -ERRNO.ESRCH : result;
}

/** A process's numbers in all pid namespaces from that of /proc inwards (NSpid, proc_pid_status(5)). */
function numbersOf(proc: Fd, process: string): readonly number[] {
  using status = openInProc(proc, `${process}/status`, O.RDONLY);
  const line = /^NSpid:\s*(.*)$/m.exec(textOf(status.number))?.[1] ?? '';
  return line.split(/\s+/).map(Number);
}

/** The number that /proc has for a child of ours, where it is the /proc of an outer pid namespace. */
function childOf(proc: Fd, pid: number): number | undefined {
  const self = numbersOf(proc, 'self')[0] ?? 0;
  using list = openInProc(proc, `${self}/task/${self}/children`, O.RDONLY);
  const children = textOf(list.number).split(' ').filter(Boolean);
  return children.map(Number).find((child) => numbersOf(proc, String(child)).at(-1) === pid);
}

/**
 * pidfd_send_signal(2) by number: looked up through the descriptor at the last moment. What can't be ruled out is
 * that the process ends and its number is given away in between, which takes a whole round of all numbers.
 */
export function signalProcess([process, signal]: readonly Argument[]): number {
  const pid = pidOf(Number(process));
  return pid === undefined ? -ERRNO.ESRCH : attempt('kill', pid, signal);
}

/** Whether the process of such a directory has ended; one that is waited for by nobody yet has. */
export function hasEnded(process: number): boolean {
  try {
    using stat = openAt(process, 'stat', O.RDONLY);
    const text = textOf(stat.number);
    return 'ZX'.includes(text.slice(text.lastIndexOf(')') + 2).charAt(0));
  } catch (error) {
    if (isSysError(error)) return true;
    throw error;
  }
}

/** The number of the process that a pidfd or a directory of /proc stands for; undefined once it has ended. */
export function pidOf(process: number): number | undefined {
  try {
    using stat = openAt(process, 'stat', O.RDONLY);
    return Number(textOf(stat.number).split(' ', 1)[0]);
  } catch (error) {
    if (isSysError(error, 'ENOTDIR')) return pidOfPidfd(process);
    // ESRCH from the read, ENOENT from the open.
    if (isSysError(error)) return undefined;
    throw error;
  }
}

/** proc_pid_fdinfo(5): -1 when the process has ended. */
function pidOfPidfd(process: number): number | undefined {
  using proc = openProc();
  using info = openInProc(proc, `self/fdinfo/${process}`, O.RDONLY);
  const pid = Number(/^Pid:\s*(-?\d+)$/m.exec(textOf(info.number))?.[1] ?? -1);
  return pid > 0 && attempt('fcntl', process, F.GETFD) >= 0 ? pid : undefined;
}

function textOf(file: number): string {
  const content = readAll(file);
  return utf8(content, 0, content.length);
}
