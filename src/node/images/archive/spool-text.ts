import { closeSync, writeFileSync } from 'node:fs';
import type { LoadSession } from '../disk/load-session.ts';
import { DigestStream } from './digest-stream.ts';
import type { SpooledFile } from './spooled-file.ts';

/** A document that the archive lacks, as a file like those that it has. */
export function spoolText(session: LoadSession, text: string): SpooledFile {
  const bytes = new TextEncoder().encode(text);
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
