import { closeSync, writeSync } from 'node:fs';
import type { LoadSession } from '../disk/load-session.ts';
import { DigestStream } from './digest-stream.ts';
import type { SpooledFile } from './spooled-file.ts';

/** A stream as a file of the session, with the digest of its bytes. */
export async function spoolStream(
  session: LoadSession,
  stream: AsyncIterable<Uint8Array>,
): Promise<SpooledFile> {
  const { path, fd } = session.createFile();
  const sum = new DigestStream();
  try {
    for await (const chunk of stream) {
      sum.update(chunk);
      for (let at = 0; at < chunk.length;) at += writeSync(fd, chunk, at);
    }
  } finally {
    closeSync(fd);
  }
  return { path, size: sum.size, digest: sum.digest() };
}
