import { isSysError, sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { encode, openFile, readAll, writeAll } from '../../kernel/files.ts';

const LIMIT = 1 << 20;

/** Has a running container ask a name server before all others. */
export function addNameServer(path: string, server: string): void {
  change(path, (lines) =>
    lines.includes(lineOf(server))
      ? lines
      : [...lines.filter(isNoServer), lineOf(server), ...lines.filter(isServer)],
  );
}

export function removeNameServer(path: string, server: string): void {
  change(path, (lines) => lines.filter((line) => line !== lineOf(server)));
}

/** In place: the container has the very file mounted. */
function change(path: string, edit: (lines: readonly string[]) => readonly string[]): void {
  try {
    using file = openFile(path, O.RDWR | O.NOFOLLOW);
    const content = readAll(file.number, LIMIT);
    const lines = utf8(content, 0, content.length)
      .split('\n')
      .filter((line) => line !== '');
    const text = encode(
      edit(lines)
        .map((line) => `${line}\n`)
        .join(''),
    );
    sys('lseek', file.number, 0, 0);
    writeAll(file.number, text);
    sys('ftruncate', file.number, text.length);
  } catch (error) {
    // A container of a directory may have none.
    if (!isSysError(error, 'ENOENT')) throw error;
  }
}

function lineOf(server: string): string {
  return `nameserver ${server}`;
}

function isServer(line: string): boolean {
  return line.startsWith('nameserver ');
}

function isNoServer(line: string): boolean {
  return !isServer(line);
}
