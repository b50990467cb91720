import type { TarEntry } from '../../../pure/archive/tar-entry.ts';
import { TarReader } from '../../../pure/archive/tar-reader.ts';
import type { LoadSession } from '../disk/load-session.ts';
import { ArchiveSpool } from './archive-spool.ts';
import type { Archive } from './archive.ts';
import { nameBytes } from './entry-name.ts';
import { readInflated } from './read-inflated.ts';
import { aboutStream } from './tar-fault.ts';

const NAME = 'The archive';

/**
 * Reads a whole archive into files of the session: entries come in any order, so that what they are shows only at
 * the end. No name of the archive becomes a name on the disk.
 */
export async function spoolArchive(session: LoadSession, input: AsyncIterable<Uint8Array>): Promise<Archive> {
  using spool = new ArchiveSpool(session);
  const reader = new TarReader({
    entry: (entry) => take(spool, entry),
    data: (bytes) => spool.data(bytes),
    end: () => spool.endFile(),
  });
  await readInflated(input, NAME, (bytes) => aboutStream(NAME, () => reader.push(bytes)));
  aboutStream(NAME, () => reader.finish());
  return spool;
}

function take(spool: ArchiveSpool, { type, path, link, size }: TarEntry): void {
  const name = nameBytes(path);
  if (type === 'file') spool.beginFile(name, size);
  else if (type === 'symlink') spool.symlink(name, nameBytes(link));
  else if (type === 'hardlink') spool.hardLink(name, nameBytes(link));
  else spool.skip(name);
}
