import { latin1ToBytes } from '../../../pure/base/bytes.ts';
import { nameText } from '../../../pure/archive/name-text.ts';
import { SysError, attempt, sys } from '../../kernel/call.ts';
import { F, O, RESOLVE } from '../../kernel/constants.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { Fd } from '../../kernel/files.ts';
import { terminated } from '../../kernel/xattrs.ts';
import { engineError } from '../errors.ts';

const IMPLIED_MODE = 0o755;

interface Level {
  readonly name: string;
  readonly directory: Fd;
}

/** The directories on the way to where an archive's last entry went: most others go near it. */
export class OpenPath {
  readonly #root: number;
  readonly #levels: Level[] = [];

  constructor(root: number) {
    this.#root = root;
  }

  /** A directory below the root, made with those above it where they are missing; open until another is asked for. */
  open(parts: readonly string[]): number {
    let same = 0;
    while (same < parts.length && this.#levels[same]?.name === parts[same]) same++;
    for (const { directory } of this.#levels.splice(same)) directory.close();
    for (const name of parts.slice(same)) {
      const above = this.#levels.at(-1)?.directory.number ?? this.#root;
      this.#levels.push({ name, directory: openOrMake(above, name, parts) });
    }
    return this.#levels.at(-1)?.directory.number ?? this.#root;
  }

  /** A descriptor of one's own for a directory that is open here. */
  keep(directory: number): Fd {
    return new Fd(sys('fcntl', directory, F.DUPFD_CLOEXEC, 3));
  }

  [Symbol.dispose](): void {
    for (const { directory } of this.#levels) directory.close();
  }
}

function openOrMake(above: number, name: string, parts: readonly string[]): Fd {
  const bytes = terminated(name);
  const first = tryOpen(above, bytes);
  if (first >= 0) return new Fd(first);
  if (first === -ERRNO.ENOENT) {
    const made = attempt('mkdirat', above, bytes, IMPLIED_MODE);
    if (made < 0 && made !== -ERRNO.EEXIST) throw new SysError('mkdirat', -made, name);
  }
  const second = tryOpen(above, bytes);
  if (second >= 0) return new Fd(second);
  if (second !== -ERRNO.ENOTDIR && second !== -ERRNO.ELOOP) throw new SysError('openat2', -second, name);
  const shown = nameText(latin1ToBytes(parts.join('/')));
  throw engineError(
    'ENGINE_COPY_CONFLICT',
    `There is a file or link where the directory ${shown} would go: remove it first, or copy to another place`,
  );
}

function tryOpen(above: number, name: Uint8Array): number {
  const how = new BigUint64Array(3);
  how[0] = BigInt(O.RDONLY | O.DIRECTORY | O.NOFOLLOW | O.CLOEXEC);
  how[2] = BigInt(RESOLVE.NO_SYMLINKS | RESOLVE.NO_MAGICLINKS | RESOLVE.BENEATH);
  return attempt('openat2', above, name, how, 24);
}
