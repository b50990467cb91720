import { bytesToLatin1 } from '../../../pure/base/bytes.ts';
import { nameText } from '../../../pure/archive/name-text.ts';
import type { TarEntry, TarHandler } from '../../../pure/archive/tar-entry.ts';
import { attempt, isSysError, sys } from '../../kernel/call.ts';
import { O, S } from '../../kernel/constants.ts';
import { openAt, writeAll, type Fd } from '../../kernel/files.ts';
import { deviceNumber, isDirectory, statusAt } from '../../kernel/stat.ts';
import { terminated } from '../../kernel/xattrs.ts';
import { engineError } from '../errors.ts';
import { randomId } from '../names/random.ts';
import { describeFile, describeNode, setTimes, type Keeping } from './describe.ts';
import { fillWith, moveInto } from './move-into.ts';
import { OpenPath } from './open-path.ts';

const SEEK_CUR = 1;

export interface PlacerOptions {
  readonly keeping: Keeping;
  /** Told of what is left out. */
  readonly warn: (message: string) => void;
  /** Whether files that are there are filled and not replaced: somebody has them mounted. */
  readonly isInPlace: boolean;
}

/** What is being made: under a name of its own until it is whole. */
interface Pending {
  readonly entry: TarEntry;
  readonly directory: number;
  readonly name: Uint8Array;
  readonly temporary: Uint8Array;
  readonly file: Fd | undefined;
}

/**
 * Places the entries of an archive in a directory that somebody else may control: every name is opened by the
 * descriptor of the directory above it, no link is followed, and what was there under a name is replaced at once.
 */
export class TreePlacer implements TarHandler {
  readonly #path: OpenPath;
  readonly #keeping: Keeping;
  /** Told of what is left out. */
  readonly #warn: (message: string) => void;
  readonly #put: typeof moveInto;
  /** Their times come last, since each new name changes them. */
  readonly #directories: { readonly parts: readonly string[]; readonly entry: TarEntry }[] = [];
  #pending: Pending | undefined;

  constructor(root: number, { keeping, warn, isInPlace }: PlacerOptions) {
    this.#path = new OpenPath(root);
    this.#keeping = keeping;
    this.#warn = warn;
    this.#put = isInPlace ? fillWith : moveInto;
  }

  entry(entry: TarEntry): void {
    const parts = partsOf(entry.path);
    const last = parts.at(-1);
    if (entry.type === 'directory') return this.#directory(parts, entry);
    if (last === undefined) throw invalid(entry.path, 'has no name');
    const directory = this.#path.open(parts.slice(0, -1));
    const name = terminated(last);
    const there = statusAt(directory, name);
    if (there !== undefined && isDirectory(there)) {
      throw engineError(
        'ENGINE_COPY_CONFLICT',
        `There is a directory where the file ${nameText(entry.path)} would go: remove it first, or copy to another place`,
      );
    }
    this.#begin(entry, name, parts.slice(0, -1));
  }

  #begin(entry: TarEntry, name: Uint8Array, above: readonly string[]): void {
    const temporary = terminated(`.corten-${randomId().slice(0, 16)}`);
    const directory = this.#path.open(above);
    if (entry.type === 'file') {
      const file = openAt(directory, temporary, O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW, 0o600);
      this.#pending = { entry, directory, name, temporary, file };
    } else if (this.#make(entry, directory, temporary)) {
      // A link's target may have been elsewhere: the directory is asked for once more.
      this.#pending = { entry, directory: this.#path.open(above), name, temporary, file: undefined };
    }
  }

  data(bytes: Uint8Array): void {
    if (this.#pending?.file !== undefined) writeAll(this.#pending.file.number, bytes);
  }

  hole(length: number): void {
    if (this.#pending?.file !== undefined) sys('lseek', this.#pending.file.number, length, SEEK_CUR);
  }

  end(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    const { entry, directory, name, temporary, file } = pending;
    if (file !== undefined) {
      if (entry.size > 0) sys('ftruncate', file.number, entry.size);
      describeFile(file.number, entry, this.#keeping);
      file.close();
    } else if (entry.type !== 'hardlink') {
      describeNode(directory, temporary, { entry, keeping: this.#keeping });
    }
    this.#put(directory, temporary, name);
    this.#pending = undefined;
  }

  /** After the last entry. */
  finish(): void {
    for (const { parts, entry } of this.#directories.toReversed()) {
      setTimes(this.#path.open(parts), entry);
    }
  }

  [Symbol.dispose](): void {
    const pending = this.#pending;
    if (pending !== undefined) {
      pending.file?.close();
      attempt('unlinkat', pending.directory, pending.temporary, 0);
    }
    this.#path[Symbol.dispose]();
  }

  #directory(parts: readonly string[], entry: TarEntry): void {
    const directory = this.#path.open(parts);
    // The place itself stays what it is.
    if (parts.length === 0) return;
    describeFile(directory, entry, this.#keeping);
    this.#directories.push({ parts, entry });
  }

  /** False where it is left out. */
  #make(entry: TarEntry, directory: number, temporary: Uint8Array): boolean {
    switch (entry.type) {
      case 'symlink':
        sys('symlinkat', terminated(bytesToLatin1(entry.link)), directory, temporary);
        return true;
      case 'hardlink':
        this.#link(entry, directory, temporary);
        return true;
      case 'fifo':
        sys('mknodat', directory, temporary, S.IFIFO | 0o600, 0);
        return true;
      case 'character':
      case 'block':
        return this.#device(entry, directory, temporary);
      default:
        return false;
    }
  }

  #device(entry: TarEntry, directory: number, temporary: Uint8Array): boolean {
    if (this.#keeping.isForHost && !this.#keeping.isArchive) {
      this.#warn(`The device ${nameText(entry.path)} of the container was left out: -a copies devices too`);
      return false;
    }
    const { major, minor } = entry.device;
    sys(
      'mknodat',
      directory,
      temporary,
      (entry.type === 'block' ? S.IFBLK : S.IFCHR) | 0o600,
      deviceNumber(major, minor),
    );
    return true;
  }

  /** Its target is one of the archive, so by its own path; a walk to it moves the open path. */
  #link(entry: TarEntry, directory: number, temporary: Uint8Array): void {
    const target = partsOf(entry.link);
    const last = target.at(-1);
    if (last === undefined) throw invalid(entry.link, 'has no name');
    using own = this.#path.keep(directory);
    try {
      sys('linkat', this.#path.open(target.slice(0, -1)), terminated(last), own.number, temporary, 0);
    } catch (error) {
      if (!isSysError(error, 'ENOENT')) throw error;
      throw invalid(entry.path, `is a link to ${nameText(entry.link)}, which did not come before it`, error);
    }
  }
}

function partsOf(path: Uint8Array): readonly string[] {
  const parts = bytesToLatin1(path)
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw invalid(path, 'leads out of the archive by ".."');
  return parts;
}

function invalid(path: Uint8Array, what: string, cause?: unknown): Error {
  return engineError(
    'ENGINE_COPY_ENTRY_INVALID',
    `The entry ${nameText(path)} of the archive ${what}`,
    cause,
  );
}
