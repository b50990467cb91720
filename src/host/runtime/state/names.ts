import { runtimeError } from '../errors.ts';

/** Folders of a root beside the containers' files of state, named as no container can be, for FIFOs named by the id. */
export const EXEC_FIFOS = ':exec';
/** Where there are hooks that `start` waits for. */
export const REPORT_FIFOS = ':report';

export type FifoFolder = typeof EXEC_FIFOS | typeof REPORT_FIFOS;

/** Which container: its root and its id. */
export interface ContainerName {
  readonly root: string;
  readonly id: string;
}

export function fifoPath({ root, id }: ContainerName, folder: FifoFolder): string {
  return `${root}/${folder}/${id}`;
}

const LONGEST = 255;

/** What runc allows: the id is a file's name and a part of the cgroup's path. */
export function checkId(id: string): void {
  if (/^[\w+\-.]+$/.test(id) && id !== '.' && id !== '..' && id.length <= LONGEST) return;
  const shown = id.length > 80 ? `${id.slice(0, 80)}…` : id;
  throw runtimeError(
    'RUNTIME_ID_INVALID',
    `The container id "${shown}" is invalid: use letters, digits and _ + - .`,
  );
}
