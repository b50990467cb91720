import { attempt, sys, SysError } from '../kernel/call.ts';
import { O } from '../kernel/constants.ts';
import { ERRNO } from '../kernel/errno.ts';
import { Fd } from '../kernel/files.ts';
import { deleteContainer, deleteLocked } from './delete.ts';
import { runtimeError } from './errors.ts';
import { hooksModule } from './hooks/hooks.ts';
import { lockStateFile, type StateFile } from './state/file.ts';
import { EXEC_FIFOS, fifoPath, REPORT_FIFOS } from './state/names.ts';
import { openToStart, statusOf } from './state/status.ts';

/** Lets the program of a created container begin. Throws RUNTIME_NOT_FOUND, RUNTIME_NOT_CREATED. */
export function startContainer(
  root: string,
  id: string,
  warn: (message: string) => void = () => undefined,
): void {
  using file = lockStateFile(root, id);
  using fifo = openToStart(file);
  if (fifo === undefined) {
    const status = statusOf(file, file.read().init);
    throw runtimeError(
      'RUNTIME_NOT_CREATED',
      `The container ${id} cannot be started: it is ${status}, not created`,
    );
  }
  using report = openReport(file);
  sys('write', fifo.number, '1', 1);
  // Their folders go when a container is deleted.
  sys('unlink', fifoPath(file, EXEC_FIFOS));
  if (report === undefined) return;
  sys('unlink', fifoPath(file, REPORT_FIFOS));
  begin(file, report, warn);
}

/** Where init tells how it went on, if there are hooks that need to know. */
function openReport(file: StateFile): Fd | undefined {
  const path = fifoPath(file, REPORT_FIFOS);
  const result = attempt('open', path, O.RDONLY | O.NONBLOCK | O.NOFOLLOW | O.CLOEXEC, 0);
  if (result === -ERRNO.ENOENT) return undefined;
  if (result < 0) throw new SysError('open', -result, path);
  return new Fd(result);
}

/** A container whose own hooks fail is no more. */
function begin(file: StateFile, report: Fd, warn: (message: string) => void): void {
  const { record, init } = file.read();
  if (record === undefined || init === undefined) return;
  try {
    hooksModule().beginWithHooks({ record, init, report, file });
  } catch (error) {
    // Unlocked where it was a hook that runs beside the program.
    const isLocked = file.number >= 0;
    if (isLocked) deleteLocked(file, { force: true, warn });
    else deleteContainer(file.root, file.id, { force: true, warn });
    throw error;
  }
}
