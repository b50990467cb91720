import { pipeline } from 'node:stream/promises';
import { codeOf, imagesError, messageOf } from '../errors.ts';
import { createInflate, detectCompression, MAGIC_LENGTH } from './compression.ts';

/**
 * Reads a stream to its end and gives its bytes, inflated if they are compressed, to `consume`; `name` is what the
 * stream is called in errors.
 */
export async function readInflated(
  source: AsyncIterable<Uint8Array>,
  name: string,
  consume: (bytes: Uint8Array) => void,
): Promise<void> {
  const chunks = source[Symbol.asyncIterator]();
  const drain = async (bytes: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of bytes) consume(chunk);
  };
  try {
    const start = await readAtLeast(chunks, MAGIC_LENGTH);
    const inflate = createInflate(detectCompression(start, name));
    const whole = startingWith(start, chunks);
    await (inflate === undefined ? drain(whole) : pipeline(whole, inflate, drain));
  } catch (error) {
    throw explain(error, name);
  } finally {
    await chunks.return?.();
  }
}

async function readAtLeast(chunks: AsyncIterator<Uint8Array>, length: number): Promise<Uint8Array> {
  let start = new Uint8Array(0);
  while (start.length < length) {
    const { done, value } = await chunks.next();
    if (done === true) break;
    start = Buffer.concat([start, value]);
  }
  return start;
}

async function* startingWith(
  start: Uint8Array,
  chunks: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield start;
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
}

function explain(error: unknown, name: string): unknown {
  const code = codeOf(error) ?? '';
  if (code === 'Z_BUF_ERROR') return imagesError('ARCHIVE_INVALID', `${name} ends early`, { cause: error });
  if (/^(?:Z|ZSTD)_/.test(code)) {
    return imagesError('ARCHIVE_INVALID', `${name} is damaged: ${messageOf(error)}`, { cause: error });
  }
  if (typeof error === 'object' && error !== null && 'syscall' in error && error.syscall === 'read') {
    return imagesError('ARCHIVE_INVALID', `${name} can't be read: ${messageOf(error)}`, { cause: error });
  }
  return error;
}
