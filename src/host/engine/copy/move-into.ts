import { attempt, isSysError, retry, sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { openAt, writeAll } from '../../kernel/files.ts';

const PIECE = 1 << 17;

/** Gives what is whole its name, in place of what had it. Of a name on which a file is mounted it fills that file. */
export function moveInto(directory: number, temporary: Uint8Array, name: Uint8Array): void {
  try {
    sys('renameat', directory, temporary, directory, name);
  } catch (error) {
    try {
      if (!isSysError(error, 'EBUSY')) throw error;
      fillWith(directory, temporary, name);
    } finally {
      attempt('unlinkat', directory, temporary, 0);
    }
  }
}

/** Puts the content of one file into another, which stays the file that it is; the first is removed. */
export function fillWith(directory: number, temporary: Uint8Array, name: Uint8Array): void {
  fill(directory, temporary, name);
  attempt('unlinkat', directory, temporary, 0);
}

function fill(directory: number, from: Uint8Array, to: Uint8Array): void {
  using source = openAt(directory, from, O.RDONLY | O.NOFOLLOW | O.NONBLOCK);
  using target = openAt(directory, to, O.WRONLY | O.TRUNC | O.NOFOLLOW | O.NONBLOCK);
  const buffer = new Uint8Array(PIECE);
  for (;;) {
    const count = retry('read', source.number, buffer, PIECE);
    if (count === 0) return;
    writeAll(target.number, buffer.subarray(0, count));
  }
}
