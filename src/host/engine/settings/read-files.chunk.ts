import { readSettings } from '../../../pure/config/read-settings.ts';
import type { FoundSettings } from '../../../pure/config/settings.ts';
import { attempt, isSysError } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { openFile, readAll } from '../../kernel/files.ts';
import { statusOf } from '../../kernel/stat.ts';
import { engineError } from '../errors.ts';
import { parseToml } from './toml.ts';

const WRITABLE_BY_ALL = 0o002;
const MAX_SIZE = 1 << 20;

/** The settings of files that are there, each later one over those before. */
export function readSettingsFiles(paths: readonly string[]): FoundSettings {
  return readSettings(
    paths.map((path) => {
      const text = readOwn(path);
      return { path, text, content: parseToml(text, path) };
    }),
  );
}

/** Who may write the file decides where everything lies: that is the user, or root. */
function readOwn(path: string): string {
  try {
    using file = openFile(path, O.RDONLY);
    const { uid, mode } = statusOf(file.number);
    if ((uid !== 0 && uid !== attempt('geteuid')) || (mode & WRITABLE_BY_ALL) !== 0) {
      const text = `The file ${path} can be written by others: chown it and set mode 644`;
      throw engineError('ENGINE_SETTINGS', text);
    }
    const content = readAll(file.number, MAX_SIZE);
    return utf8(content, 0, content.length);
  } catch (error) {
    if (!isSysError(error)) throw error;
    throw engineError('ENGINE_SETTINGS', `The file ${path} can't be read: ${error.message}`, error);
  }
}
