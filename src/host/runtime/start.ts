import { attempt, sys, SysError } from '../kernel/call.ts';
import { O } from '../kernel/constants.ts';
import { Fd } from '../kernel/files.ts';
import { runtimeError } from './errors.ts';
import { lockDirectory } from './state/directory.ts';
import { EXEC_FIFO } from './state/names.ts';
import { readStateFile } from './state/record.ts';
import { statusOf } from './state/status.ts';

const ENOENT = -2;
const ENXIO = -6;

/** Lets the program of a created container begin. Throws RUNTIME_NOT_FOUND, RUNTIME_NOT_CREATED. */
export function startContainer(root: string, id: string): void {
  using directory = lockDirectory(root, id);
  const result = attempt(
    'openat',
    directory.number,
    EXEC_FIFO,
    O.WRONLY | O.NONBLOCK | O.NOFOLLOW | O.CLOEXEC,
    0,
  );
  if (result === ENOENT || result === ENXIO) {
    const status = statusOf(directory, readStateFile(directory).init);
    throw runtimeError(
      'RUNTIME_NOT_CREATED',
      `The container ${id} cannot be started: it is ${status}, not created`,
    );
  }
  if (result < 0) throw new SysError('openat', -result, EXEC_FIFO);
  using fifo = new Fd(result);
  sys('write', fifo.number, '1', 1);
  sys('unlinkat', directory.number, EXEC_FIFO, 0);
}
