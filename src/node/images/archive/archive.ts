import { imagesError } from '../errors.ts';
import { entryName, linkTarget } from './entry-name.ts';
import type { SpooledFile } from './spooled-file.ts';

/** A whole archive: its regular files and its links, by their names within it. */
export interface Archive {
  readonly files: Pick<ReadonlyMap<string, SpooledFile>, 'get' | 'has'>;
  readonly symlinks: ReadonlyMap<string, string>;
}

/** Old `docker save` archives link a shared layer.tar once. */
const MAX_LINKS = 8;

/** The file that `path` names, links followed within the archive; `where` says who names it. */
export function findFile(archive: Archive, path: string, where: string): SpooledFile {
  let name = entryName(path, where);
  for (let hops = 0; hops <= MAX_LINKS; hops++) {
    const target = archive.symlinks.get(name);
    if (target === undefined) break;
    name = linkTarget(name, target);
  }
  const file = archive.files.get(name);
  if (file !== undefined) return file;
  throw imagesError(
    'ARCHIVE_INVALID',
    `${where} names ${JSON.stringify(path.slice(0, 200))}, which is not in the archive`,
  );
}
