import { archiveError } from '../errors.ts';
import { NAME_MAX } from '../erofs/format.ts';
import type { ArchiveLimits } from '../limits.ts';

const SLASH = 0x2f;
const DOT = 0x2e;

/**
 * The names that a path of an archive has, from the layer's root on: a leading slash, empty names and "." mean
 * nothing. ".." is refused wherever it stands.
 */
export function splitPath(path: Uint8Array, limits: ArchiveLimits): Uint8Array[] {
  if (path.length === 0) throw archiveError('ARCHIVE_PATH_UNSAFE', 'A path is empty');
  if (path.length > limits.pathBytes) {
    throw archiveError('ARCHIVE_LIMIT', `A path has more than ${limits.pathBytes} bytes`);
  }
  const names = splitNames(path).filter((name) => !isDot(name));
  for (const name of names) checkName(name);
  if (names.length > limits.depth)
    throw archiveError('ARCHIVE_LIMIT', `A path has more than ${limits.depth} names`);
  return names;
}

/** All that stands between slashes and is not empty. */
export function splitNames(path: Uint8Array): Uint8Array[] {
  const names: Uint8Array[] = [];
  for (let from = 0; from < path.length;) {
    const slash = path.indexOf(SLASH, from);
    const to = slash < 0 ? path.length : slash;
    if (to > from) names.push(path.subarray(from, to));
    from = to + 1;
  }
  return names;
}

export function isDot(name: Uint8Array): boolean {
  return name.length === 1 && name[0] === DOT;
}

export function isDotDot(name: Uint8Array): boolean {
  return name.length === 2 && name[0] === DOT && name[1] === DOT;
}

/** Throws for a name that no directory may have. */
export function checkName(name: Uint8Array): void {
  if (isDotDot(name)) throw archiveError('ARCHIVE_PATH_UNSAFE', 'A path goes up by ".."');
  if (name.includes(0)) throw archiveError('ARCHIVE_PATH_UNSAFE', 'A name holds a NUL byte');
  if (name.length > NAME_MAX) throw archiveError('ARCHIVE_LIMIT', `A name has more than ${NAME_MAX} bytes`);
}
