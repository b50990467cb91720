import { isSysError, sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { encode, openFile, readText } from '../../kernel/files.ts';
import { named, stepError } from '../errors.ts';
import type { Limit } from '../plan/limits.ts';

/** Limits that follow each other in one file, as the many rules for devices do, share its descriptor. */
export function writeLimits(directory: string, limits: readonly Limit[]): void {
  for (let at = 0; at < limits.length;) {
    const file = limits[at]?.file;
    const next = limits.findIndex((limit, index) => index > at && limit.file !== file);
    const end = next < 0 ? limits.length : next;
    writeAlike(directory, limits.slice(at, end));
    at = end;
  }
}

function writeAlike(directory: string, limits: readonly Limit[]): void {
  const [first] = limits;
  if (first === undefined) return;
  const path = `${directory}/${first.file}`;
  try {
    using file = openFile(path, O.WRONLY);
    for (const limit of limits) {
      const value = valueOf(limit, path);
      named(titleOf(limit, path), () => sys('write', file.number, value, encode(value).length));
    }
  } catch (error) {
    if (first.orElse === undefined || !isSysError(error, 'ENOENT'))
      throw stepError(titleOf(first, path), error);
    writeLimits(
      directory,
      limits.flatMap(({ orElse }) => (orElse === undefined || orElse === 'nothing' ? [] : [orElse])),
    );
  }
}

export function valueOf({ value, keepsFirstWord }: Limit, path: string): string {
  return keepsFirstWord === true ? `${readText(path).split(/\s/, 1)[0]} ${value}` : value;
}

export function titleOf({ field, value }: Limit, path: string): string {
  return `Set ${field} by writing ${value} to ${path}`;
}
