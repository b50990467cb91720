import { runtimeError } from '../errors.ts';

/** Files in a container's directory, `<root>/<id>/`. */
export const STATE_FILE = 'state.json';
export const EXEC_FIFO = 'exec.fifo';
/** Where there are hooks that `start` waits for. */
export const REPORT_FIFO = 'report.fifo';

const LONGEST = 255;

/** What runc allows: the id is a directory's name and a part of the cgroup's path. */
export function checkId(id: string): void {
  if (/^[\w+\-.]+$/.test(id) && id !== '.' && id !== '..' && id.length <= LONGEST) return;
  const shown = id.length > 80 ? `${id.slice(0, 80)}…` : id;
  throw runtimeError(
    'RUNTIME_ID_INVALID',
    `The container id "${shown}" is invalid: use letters, digits and _ + - .`,
  );
}
