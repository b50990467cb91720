import { attempt, isSysError } from '../kernel/call.ts';
import { O } from '../kernel/constants.ts';
import { openAt, readAll, readTextIfThere, encode, writeAll } from '../kernel/files.ts';

/** In the container's directory while it is paused, or was when the machine stopped. */
const PAUSED_FILE = 'paused';

/** Where the kernel says whether it still is, and by which word. */
export interface FreezerState {
  readonly file: string;
  readonly frozen: string;
}

/** Before the freeze: who lists containers looks into the freezer of those alone that have this file. */
export function notePaused(directory: number, state: FreezerState): void {
  using file = openAt(directory, PAUSED_FILE, O.WRONLY | O.CREAT | O.TRUNC | O.NOFOLLOW, 0o600);
  writeAll(file.number, encode(JSON.stringify(state)));
}

export function forgetPaused(directory: number): void {
  attempt('unlinkat', directory, PAUSED_FILE, 0);
}

/** Whether a running container's processes are frozen. `directory` is the container's, open. */
export function isPaused(directory: number): boolean {
  const state = readState(directory);
  return state !== undefined && (readTextIfThere(state.file) ?? '').split('\n').includes(state.frozen);
}

function readState(directory: number): FreezerState | undefined {
  try {
    using file = openAt(directory, PAUSED_FILE, O.RDONLY | O.NOFOLLOW);
    const content = readAll(file.number);
    return JSON.parse(utf8(content, 0, content.length)) as FreezerState;
  } catch (error) {
    if (isSysError(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
