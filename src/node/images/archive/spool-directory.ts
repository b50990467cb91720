import { constants, existsSync, lstatSync, readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { INDEX_FILE, OCI_LAYOUT_FILE } from '../../../pure/store/layout.ts';
import type { LoadSession } from '../disk/load-session.ts';
import { codeOf, imagesError, messageOf } from '../errors.ts';
import { ArchiveSpool } from './archive-spool.ts';
import type { Archive } from './archive.ts';

const READ_SIZE = 256 << 10;
/** An unpacked docker-archive has one level of folders, a layout two. */
const MAX_DEPTH = 3;

/** What a layout needs next of its folder, given what has been read: names that need not exist. */
export type WhatNext = (archive: Archive) => readonly string[];

/**
 * Takes an image's directory into files of the session, as if it were an archive: an OCI layout, skopeo's `dir:`, or
 * an unpacked docker-archive. Of a layout, which may be as large as a store, only what `whatNext` asks for is read.
 */
export async function spoolDirectory(
  session: LoadSession,
  root: string,
  whatNext: WhatNext,
): Promise<Archive> {
  using spool = new ArchiveSpool(session);
  try {
    if (!existsSync(join(root, OCI_LAYOUT_FILE))) {
      for (const name of namesBelow(root, '', 0)) await spoolFile(spool, root, name);
      return spool;
    }
    let wanted: readonly string[] = [OCI_LAYOUT_FILE, INDEX_FILE];
    for (; wanted.length > 0; wanted = whatNext(spool).filter((name) => !spool.files.has(name))) {
      const there = wanted.filter((name) => existsSync(join(root, name)));
      for (const name of there) await spoolFile(spool, root, name);
      if (there.length === 0) break;
    }
    return spool;
  } catch (error) {
    if (codeOf(error) === undefined || !(error instanceof Error) || !('syscall' in error)) throw error;
    const text = `The directory ${root} can't be read: ${messageOf(error)}`;
    throw imagesError('ARCHIVE_INVALID', text, { cause: error });
  }
}

function namesBelow(root: string, folder: string, depth: number): readonly string[] {
  return readdirSync(join(root, folder))
    .toSorted()
    .flatMap((base) => {
      const name = folder === '' ? base : `${folder}/${base}`;
      const status = lstatSync(join(root, name));
      if (status.isDirectory()) return depth < MAX_DEPTH ? namesBelow(root, name, depth + 1) : [];
      return status.isFile() ? [name] : [];
    });
}

async function spoolFile(spool: ArchiveSpool, root: string, name: string): Promise<void> {
  await using file = await open(join(root, name), constants.O_RDONLY | constants.O_NOFOLLOW);
  const { size } = await file.stat();
  spool.beginFile(name, size);
  const buffer = new Uint8Array(READ_SIZE);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length);
    if (bytesRead === 0) break;
    spool.data(buffer.subarray(0, bytesRead));
  }
  spool.endFile();
}
