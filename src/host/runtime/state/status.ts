import type { ContainerStatus } from '../../../pure/spec/runtime-state.ts';
import { attempt, SysError } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { Fd, readAll } from '../../kernel/files.ts';
import { EXEC_FIFOS, fifoPath, type ContainerName } from './names.ts';
import type { InitRecord } from './records.ts';

/** Nobody waits, or there is none. */
const NOT_WAITING: readonly number[] = [-ERRNO.ENOENT, -ERRNO.ENXIO, -ERRNO.ENOTDIR];
const PF_EXITING = 4;

/** What the kernel says, whatever the files wanted. */
export function statusOf(name: ContainerName, init: InitRecord | undefined): ContainerStatus {
  if (init === undefined) return 'creating';
  if (!isAlive(init)) return 'stopped';
  return isWaiting(name) ? 'created' : 'running';
}

/** Whether that very process lives; a zombie does not. */
export function isAlive({ pid, startTime }: InitRecord): boolean {
  const stat = readStat(pid);
  return stat !== undefined && stat.startTime === startTime && stat.state !== 'Z' && stat.state !== 'X';
}

/** As isAlive(), but one on its way out does not: it has left its namespaces, though it is no zombie yet. */
export function isEntered({ pid, startTime }: InitRecord): boolean {
  const stat = readStat(pid);
  return stat !== undefined && stat.startTime === startTime && (Number(stat.flags) & PF_EXITING) === 0;
}

export interface ProcessStat {
  readonly state: string;
  /** include/linux/sched.h, PF_ */
  readonly flags: string;
  readonly startTime: string;
}

/** proc_pid_stat(5), as far as it is needed; undefined where there is no such process. */
export function readStat(pid: number): ProcessStat | undefined {
  const result = attempt('open', `/proc/${pid}/stat`, O.RDONLY | O.CLOEXEC, 0);
  if (result === -ERRNO.ENOENT) return undefined;
  if (result < 0) throw new SysError('open', -result, `/proc/${pid}/stat`);
  using file = new Fd(result);
  try {
    const content = readAll(file.number);
    const text = utf8(content, 0, content.length);
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ', 20);
    return { state: fields[0] ?? '', flags: fields[6] ?? '', startTime: fields[19] ?? '' };
  } catch {
    // ESRCH: it ended between the two calls.
    return undefined;
  }
}

/** Init holds the FIFO open as long as it waits for `start`. */
export function isWaiting(name: ContainerName): boolean {
  const fifo = openToStart(name);
  fifo?.close();
  return fifo !== undefined;
}

/** The FIFO that init waits on; undefined where nobody waits. */
export function openToStart(name: ContainerName): Fd | undefined {
  const path = fifoPath(name, EXEC_FIFOS);
  const result = attempt('open', path, O.WRONLY | O.NONBLOCK | O.NOFOLLOW | O.CLOEXEC, 0);
  if (result >= 0) return new Fd(result);
  if (!NOT_WAITING.includes(result)) throw new SysError('open', -result, path);
  return undefined;
}
