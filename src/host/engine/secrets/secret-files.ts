import { fits } from '../../../pure/base/shape.ts';
import { attempt, isSysError, sys } from '../../kernel/call.ts';
import { AT, O } from '../../kernel/constants.ts';
import {
  encode,
  makeDirectories,
  openAt,
  openFile,
  readAll,
  readDirectoryAt,
  writeAll,
} from '../../kernel/files.ts';
import { engineError } from '../errors.ts';
import { randomId } from '../names/random.ts';
import type { Roots } from '../roots.ts';
import type { Label } from '../run-settings.ts';

/** What is told of a secret: the first line of its file, as JSON. What it is follows. */
export interface SecretRecord {
  readonly version: 1;
  readonly id: string;
  readonly name: string;
  /** RFC 3339. */
  readonly created: string;
  readonly updated: string;
  readonly labels: readonly Label[];
}

const SHAPE = { version: 1, id: '', name: '', created: '', updated: '', labels: [['']] };
const PRIVATE = 0o700;
const OWN = 0o600;
const LIMIT = 1 << 20;
const NEWLINE = 10;
const RENAME_NOREPLACE = 1;

function folderOf({ store }: Roots): string {
  return `${store}/secrets`;
}

/** Puts a secret in its place, whole or not at all; false where there is one of the name, which `isReplacing` ends. */
export function writeSecret(
  roots: Roots,
  record: SecretRecord,
  { data, isReplacing }: { readonly data: Uint8Array; readonly isReplacing: boolean },
): boolean {
  makeDirectories(folderOf(roots), PRIVATE);
  using folder = openFile(folderOf(roots), O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  // Names of secrets begin with a letter or digit.
  const temporary = `.new-${randomId()}`;
  try {
    using file = openAt(folder.number, temporary, O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW, OWN);
    writeAll(file.number, encode(`${JSON.stringify(record)}\n`));
    writeAll(file.number, data);
    sys('fdatasync', file.number);
    const flags = isReplacing ? 0 : RENAME_NOREPLACE;
    sys('renameat2', folder.number, temporary, folder.number, record.name, flags);
    return true;
  } catch (error) {
    attempt('unlinkat', folder.number, temporary, 0);
    if (!isReplacing && isSysError(error, 'EEXIST')) return false;
    throw error;
  }
}

export interface Secret {
  readonly record: SecretRecord;
  readonly data: Uint8Array;
}

/** By its very name; undefined where there is none. Throws ENGINE_SECRET_DAMAGED. */
export function readSecret(roots: Roots, name: string): Secret | undefined {
  try {
    using file = openFile(`${folderOf(roots)}/${name}`, O.RDONLY | O.NOFOLLOW);
    return parse(readAll(file.number, LIMIT), name);
  } catch (error) {
    if (isSysError(error, 'ENOENT', 'ENAMETOOLONG')) return undefined;
    throw error;
  }
}

function parse(content: Uint8Array, name: string): Secret {
  const end = indexOf(content, NEWLINE, 0);
  try {
    const record: unknown = JSON.parse(utf8(content, 0, Math.max(end, 0)));
    if (fits(record, SHAPE)) return { record: record as SecretRecord, data: content.subarray(end + 1) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const text = `The secret ${name} is damaged: remove it with corten secret rm ${name}, and create it anew`;
  throw engineError('ENGINE_SECRET_DAMAGED', text);
}

/** By name. */
export function secretNames(roots: Roots): readonly string[] {
  try {
    using folder = openFile(folderOf(roots), O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
    return readDirectoryAt(folder.number)
      .filter((name) => !name.startsWith('.'))
      .toSorted();
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return [];
    throw error;
  }
}

/** False where there is none (any more). */
export function deleteSecret(roots: Roots, name: string): boolean {
  const result = attempt('unlinkat', AT.FDCWD, `${folderOf(roots)}/${name}`, 0);
  if (result < 0 && result !== -2) sys('unlinkat', AT.FDCWD, `${folderOf(roots)}/${name}`, 0);
  return result === 0;
}
