import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createInflate, detectCompression, MAGIC_LENGTH } from './compression.ts';
import { readStart, type SpooledFile } from './spooled-file.ts';

const READ_SIZE = 256 << 10;

/** The content of a file, inflated if it is compressed; `name` is what it is called in errors. */
export async function* inflated(file: SpooledFile, name: string): AsyncGenerator<Uint8Array> {
  const inflate = createInflate(detectCompression(readStart(file, MAGIC_LENGTH), name));
  const source = createReadStream(file.path, { highWaterMark: READ_SIZE });
  // A failure of the source shows as one of the stream that is read.
  const bytes = inflate === undefined ? source : pipeline(source, inflate, () => undefined);
  for await (const chunk of bytes) yield chunk as Uint8Array;
}
