import { attempt, isSysError, SysError } from '../../kernel/call.ts';
import { AT, O } from '../../kernel/constants.ts';
import { Fd, readAll, readDirectory } from '../../kernel/files.ts';
import { statusAt } from '../../kernel/stat.ts';

const LIST_LIMIT = 64 << 20;
const GONE: readonly number[] = [-2, -19, -20];

/** The pids in a cgroup directory and all below it, as our own pid namespace numbers them. */
export function processesIn(directory: string): readonly number[] {
  const own = readPids(directory);
  if (own === undefined) return [];
  return [...own, ...childrenOf(directory).flatMap(processesIn)];
}

/** undefined where there is no such directory. */
function readPids(directory: string): readonly number[] | undefined {
  const result = attempt('open', `${directory}/cgroup.procs`, O.RDONLY | O.CLOEXEC, 0);
  if (GONE.includes(result)) return undefined;
  if (result < 0) throw new SysError('open', -result, directory);
  using file = new Fd(result);
  const text = readList(file.number);
  // 0 stands for a process that our own namespace doesn't see.
  return text
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0);
}

/** In a threaded cgroup (v2) are only threads, of processes that the cgroup above lists. */
function readList(file: number): string {
  try {
    const content = readAll(file, LIST_LIMIT);
    return utf8(content, 0, content.length);
  } catch (error) {
    if (isSysError(error, 'EOPNOTSUPP')) return '';
    throw error;
  }
}

/** Directories made below, by the container itself. */
export function childrenOf(directory: string): readonly string[] {
  const status = statusAt(AT.FDCWD, directory);
  if (status === undefined || status.links <= 2) return [];
  return readDirectory(directory)
    .map((name) => `${directory}/${name}`)
    .filter((path) => attempt('access', `${path}/cgroup.procs`, 0) === 0);
}
