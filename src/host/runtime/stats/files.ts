import { attempt, isSysError } from '../../kernel/call.ts';
import { readText } from '../../kernel/files.ts';

/** The files of a container's cgroups, whichever hierarchy they lie in: each name is one controller's. */
export class CgroupFiles {
  readonly #directories: readonly string[];

  constructor(directories: readonly string[]) {
    this.#directories = directories;
  }

  /** Whether version 2 has the controllers; on a hybrid host its directory stands after the others. */
  get isUnified(): boolean {
    const [first] = this.#directories;
    return first !== undefined && attempt('access', `${first}/cgroup.controllers`, 0) === 0;
  }

  /** The directory that has a file of this name. */
  directoryOf(name: string): string | undefined {
    return this.#directories.find((directory) => attempt('access', `${directory}/${name}`, 0) === 0);
  }

  /** The text without the last newline; undefined where there is no such file, or the kernel won't tell. */
  text(name: string): string | undefined {
    const directory = this.directoryOf(name);
    if (directory === undefined) return undefined;
    try {
      return readText(`${directory}/${name}`).trimEnd();
    } catch (error) {
      if (isSysError(error, 'ENOENT', 'ENODEV', 'EOPNOTSUPP', 'EIO')) return undefined;
      throw error;
    }
  }

  /** A file of one number; 0 where there is none, and for `max`. */
  number(name: string): bigint {
    return toNumber(this.text(name));
  }

  /** A file of lines `key value`. */
  pairs(name: string): ReadonlyMap<string, bigint> {
    const lines = (this.text(name) ?? '').split('\n').map((line) => line.split(' '));
    return new Map(lines.map(([key = '', value]) => [key, toNumber(value)]));
  }

  lines(name: string): readonly string[] {
    return (this.text(name) ?? '').split('\n').filter((line) => line !== '');
  }
}

export function toNumber(text: string | undefined): bigint {
  return text !== undefined && /^-?\d+$/.test(text) ? BigInt(text) : 0n;
}
