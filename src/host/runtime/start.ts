import { attempt, sys, SysError } from '../kernel/call.ts';
import { O } from '../kernel/constants.ts';
import { Fd } from '../kernel/files.ts';
import { deleteContainer, deleteLocked } from './delete.ts';
import { runtimeError } from './errors.ts';
import { hooksModule } from './hooks/hooks.ts';
import { lockDirectory } from './state/directory.ts';
import { EXEC_FIFO, REPORT_FIFO } from './state/names.ts';
import { readStateFile } from './state/record.ts';
import { statusOf } from './state/status.ts';

const ENOENT = -2;
const ENXIO = -6;

/** Lets the program of a created container begin. Throws RUNTIME_NOT_FOUND, RUNTIME_NOT_CREATED. */
export function startContainer(
  root: string,
  id: string,
  warn: (message: string) => void = () => undefined,
): void {
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
  using report = openReport(directory);
  sys('write', fifo.number, '1', 1);
  sys('unlinkat', directory.number, EXEC_FIFO, 0);
  if (report === undefined) return;
  sys('unlinkat', directory.number, REPORT_FIFO, 0);
  begin({ root, id, directory, report, warn });
}

/** Where init tells how it went on, if there are hooks that need to know. */
function openReport(directory: Fd): Fd | undefined {
  const flags = O.RDONLY | O.NONBLOCK | O.NOFOLLOW | O.CLOEXEC;
  const result = attempt('openat', directory.number, REPORT_FIFO, flags, 0);
  if (result === ENOENT) return undefined;
  if (result < 0) throw new SysError('openat', -result, REPORT_FIFO);
  return new Fd(result);
}

interface Begun {
  readonly root: string;
  readonly id: string;
  readonly directory: Fd;
  readonly report: Fd;
  readonly warn: (message: string) => void;
}

/** A container whose own hooks fail is no more. */
function begin({ root, id, directory, report, warn }: Begun): void {
  const { record, init } = readStateFile(directory);
  if (record === undefined || init === undefined) return;
  try {
    hooksModule().beginWithHooks({ record, init, report, directory });
  } catch (error) {
    // Unlocked where it was a hook that runs beside the program.
    const isLocked = directory.number >= 0;
    if (isLocked) deleteLocked(directory, `${root}/${id}`, { force: true, warn });
    else deleteContainer(root, id, { force: true, warn });
    throw error;
  }
}
