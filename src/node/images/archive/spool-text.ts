import { closeSync, writeFileSync } from 'node:fs';
import type { LoadSession } from '../disk/load-session.ts';
import { DigestStream } from './digest-stream.ts';
import type { SpooledFile } from './spooled-file.ts';

/** A document that the archive lacks, as a file like those that it has. */
export function spoolText(session: LoadSession, text: string): SpooledFile {
  return spoolBytes(session, new TextEncoder().encode(text));
}

export function spoolBytes(session: LoadSession, bytes: Uint8Array): SpooledFile {
  const { path, fd } = session.createFile();
  try {
    writeFileSync(fd, bytes);
  } finally {
    closeSync(fd);
  }
  const sum = new DigestStream();
  sum.update(bytes);
  return { path, size: bytes.length, digest: sum.digest() };
}
