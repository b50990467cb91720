import type { StoreFiles } from '../../../pure/store/database.ts';
import { attempt, isSysError, sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { encode, openFile, writeAll } from '../../kernel/files.ts';
import { randomId } from '../names/random.ts';

/** What changes of the store do to its files. */
export function storeFiles(root: string): StoreFiles {
  return {
    unlink: (file) => unlinkIfThere(`${root}/${file}`),
    replace: (file, text) => replace(root, file, text),
  };
}

function unlinkIfThere(path: string): void {
  try {
    sys('unlink', path);
  } catch (error) {
    if (!isSysError(error, 'ENOENT')) throw error;
  }
}

function replace(root: string, file: string, text: string): void {
  const cut = file.lastIndexOf('/') + 1;
  const temporary = `${root}/${file.slice(0, cut)}.${file.slice(cut)}.${randomId()}`;
  try {
    {
      using written = openFile(temporary, O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW, 0o600);
      writeAll(written.number, encode(text));
      sys('fsync', written.number);
    }
    sys('rename', temporary, `${root}/${file}`);
  } catch (error) {
    attempt('unlink', temporary);
    throw error;
  }
}
