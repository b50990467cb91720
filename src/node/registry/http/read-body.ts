import type { IncomingMessage } from 'node:http';
import { registryError } from '../errors.ts';
import { explainFailure } from './failure.ts';

/** What a host answered, after all redirects. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** To be read to its end, or destroyed. */
  readonly body: IncomingMessage;
  /** Where it came from. */
  readonly url: URL;
}

/** A whole body of at most `limit` bytes; `what` is what it is called in errors, as in `The manifest`. */
export async function readBody(answer: Answer, limit: number, what: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyOf(answer)) {
    size += chunk.length;
    if (size > limit) {
      throw registryError('REGISTRY_ANSWER_TOO_LARGE', `${what} has more than ${limit} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The bytes of a body; one that ends early throws as a cut connection does. */
export async function* bodyOf({ body, url }: Answer): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) yield chunk as Uint8Array;
  } catch (error) {
    throw explainFailure(error, url.host);
  } finally {
    body.destroy();
  }
}
