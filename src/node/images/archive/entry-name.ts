import { imagesError } from '../errors.ts';
import { MAX_NAME } from './limits.ts';

/**
 * A path within an archive in one spelling (`./a//b` is `a/b`). Such names are looked up among the archive's own
 * entries and nowhere else; one that climbs out or starts at the root is refused all the same.
 */
export function entryName(path: string, where: string): string {
  if (path.startsWith('/')) throw outside(path, where);
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw outside(path, where);
  return parts.join('/');
}

/** A name as the archive has it, as text; a hostile one of a megabyte never gets to stay in memory. */
export function nameBytes(bytes: Uint8Array): string {
  if (bytes.length > MAX_NAME) {
    throw imagesError('ARCHIVE_TOO_LARGE', `A name in the archive has more than ${MAX_NAME} bytes`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw imagesError('ARCHIVE_INVALID', 'A name in the archive is not UTF-8', { cause: error });
  }
}

/** Where a symlink at `name` points, within the archive. */
export function linkTarget(name: string, target: string): string {
  if (target.startsWith('/')) throw outside(target, `The link ${name}`);
  const parts = name.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) throw outside(target, `The link ${name}`);
  }
  return parts.join('/');
}

function outside(path: string, where: string): Error {
  const text = `${where} leads out of the archive: ${JSON.stringify(path.slice(0, 200))}`;
  return imagesError('ARCHIVE_INVALID', text);
}
