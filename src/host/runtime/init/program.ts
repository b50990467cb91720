import { attempt } from '../../kernel/call.ts';
import { errnoName } from '../../kernel/errno.ts';
import { AT, X_OK } from '../../kernel/constants.ts';
import { isDirectory } from '../../kernel/stat.ts';
import { decodeStatus } from '../../kernel/structures.ts';
import { runtimeError } from '../errors.ts';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const EACCES = -13;
const MISSING: readonly number[] = [-2, -20];

/**
 * The path of a program as execvp(3) finds it, for the user that this process already is. Throws
 * RUNTIME_EXEC_NOT_FOUND or RUNTIME_EXEC_NOT_EXECUTABLE.
 */
export function findProgram(name: string, env: readonly string[]): string {
  if (name.includes('/')) {
    const refusal = refusalOf(name);
    return refusal === 0 ? name : refuse(name, refusal);
  }
  const path =
    env.findLast((variable) => variable.startsWith('PATH='))?.slice('PATH='.length) ?? DEFAULT_PATH;
  let worst = -2;
  for (const directory of path.split(':')) {
    const candidate = directory === '' ? `./${name}` : `${directory}/${name}`;
    const refusal = refusalOf(candidate);
    if (refusal === 0) return candidate;
    if (!MISSING.includes(refusal)) worst = refusal;
  }
  return refuse(name, worst, path);
}

function refusalOf(path: string): number {
  const result = attempt('access', path, X_OK);
  if (result < 0) return result;
  return isDirectoryAt(path) ? EACCES : 0;
}

/** Whether it is a directory, links followed. */
function isDirectoryAt(path: string): boolean {
  const words = new BigUint64Array(18);
  if (attempt('newfstatat', AT.FDCWD, path, words, 0) < 0) return false;
  return isDirectory(decodeStatus(words));
}

function refuse(name: string, errno: number, path?: string): never {
  if (MISSING.includes(errno)) {
    const where = path === undefined ? '' : ` in PATH (${path})`;
    throw runtimeError('RUNTIME_EXEC_NOT_FOUND', `The program ${name} is not found${where}`);
  }
  throw runtimeError(
    'RUNTIME_EXEC_NOT_EXECUTABLE',
    `The program ${name} cannot be executed: ${errnoName(-errno)}`,
  );
}
