import { isSysError } from '../../kernel/call.ts';
import { readText } from '../../kernel/files.ts';
import { usageError } from '../corten-context.ts';

const LIMIT = 1 << 20;

/** The lines of the files of --env-file or --label-file; without comments, and a name alone is the caller's variable. */
export function readListFiles(paths: readonly string[], flag: 'env-file' | 'label-file'): readonly string[] {
  return paths.flatMap((path) => linesOf(path, flag).flatMap((line) => entryOf(line, { path, flag })));
}

function linesOf(path: string, flag: string): readonly string[] {
  try {
    const lines = readText(path, LIMIT)
      .replace(/^\u{feff}/u, '')
      .split('\n');
    return lines.map((line) => line.replace(/\r$/, '').trimStart());
  } catch (error) {
    if (error instanceof RangeError) throw usageError(`The file ${path} of --${flag} is larger than 1 MB`);
    if (!isSysError(error, 'ENOENT', 'EISDIR', 'EACCES', 'ENOTDIR')) throw error;
    throw usageError(`The file ${path} of --${flag} can't be read: ${error.message}`);
  }
}

function entryOf(
  line: string,
  { path, flag }: { readonly path: string; readonly flag: string },
): readonly string[] {
  if (line === '' || line.startsWith('#')) return [];
  const equals = line.indexOf('=');
  const name = equals < 0 ? line : line.slice(0, equals);
  if (name === '' || /\s/.test(name.trimEnd()) || (equals >= 0 && name !== name.trimEnd())) {
    throw usageError(`The file ${path} of --${flag} has a name with blanks or none: "${line.slice(0, 80)}"`);
  }
  if (equals >= 0) return [line];
  if (flag === 'label-file') return [name.trimEnd()];
  return environ().filter((variable) => variable.startsWith(`${name.trimEnd()}=`));
}
