import { closeSync, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { MEDIA_TYPE_LAYER_GZIP } from '../../../pure/spec/image.ts';
import { DigestStream } from '../archive/digest-stream.ts';
import type { LoadSession } from '../disk/load-session.ts';
import type { PortableBlob } from '../save/portable-image.ts';

/** A layer that is plain tar, by gzip in a file of the session: registries and their readers want it so. */
export async function compressed(session: LoadSession, layer: PortableBlob): Promise<PortableBlob> {
  const { path, fd } = session.createFile();
  const sum = new DigestStream();
  try {
    await pipeline(
      layer.read(),
      createGzip({ chunkSize: 256 << 10 }),
      (bytes: AsyncIterable<Uint8Array>) => counted(bytes, sum),
      createWriteStream(path, { fd, autoClose: false }),
    );
  } finally {
    closeSync(fd);
  }
  return { mediaType: MEDIA_TYPE_LAYER_GZIP, digest: sum.digest(), size: sum.size, read: layer.read, path };
}

async function* counted(bytes: AsyncIterable<Uint8Array>, sum: DigestStream): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    sum.update(chunk);
    yield chunk;
  }
}
