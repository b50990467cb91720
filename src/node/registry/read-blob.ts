import type { Digest } from '../../pure/base/digest.ts';
import { registryError } from './errors.ts';
import { CutConnection } from './http/failure.ts';
import { bodyOf, type Answer } from './http/read-body.ts';
import { Retries } from './http/retry.ts';
import type { RegistrySession } from './registry-session.ts';

export interface BlobRequest {
  readonly digest: Digest;
  /** Bytes of the whole blob. */
  readonly size: number;
  /** Bytes that are there already. */
  readonly from: number;
}

/** Bytes that a connection has to give before the tries are counted anew. */
const PROGRESS = 256 << 10;

/**
 * The bytes of a blob from an offset on. Where a connection is cut, another goes on by Range. Exactly as many come
 * as the size says, or an error; whether they have the digest is for the caller to see.
 */
export async function* readBlob(
  session: RegistrySession,
  { digest, size, from }: BlobRequest,
): AsyncGenerator<Uint8Array> {
  const retries = new Retries(session.retry, session.signal);
  for (let at = from; at < size;) {
    const start = at;
    try {
      const answer = await open(session, digest, at);
      for await (const chunk of withoutStart(answer, startOf(answer, { digest, size, from: at }), at)) {
        at += chunk.length;
        if (at > size) throw tooLong(session, digest, size);
        if (at - start >= PROGRESS) retries.progress();
        yield chunk;
      }
      if (at < size) throw new CutConnection(`the blob ${digest} ended ${size - at} bytes early`, undefined);
    } catch (error) {
      await retries.next(error, session.host);
    }
  }
}

async function open(session: RegistrySession, digest: Digest, from: number): Promise<Answer> {
  const headers = { 'accept-encoding': 'identity', ...(from === 0 ? {} : { range: `bytes=${from}-` }) };
  return await session.send({ path: `blobs/${digest}`, headers }, [200, 206]);
}

/** The offset at which an answer begins: not all registries know ranges. */
function startOf(answer: Answer, { digest, size, from }: BlobRequest): number {
  const start = answer.status === 200 ? 0 : from;
  const length = answer.headers['content-length'] ?? String(size - start);
  if (Number(length) !== size - start) {
    answer.body.destroy();
    const text = `The registry ${answer.url.host} has ${length} bytes of the blob ${digest}, which should be ${size - start}`;
    throw registryError('REGISTRY_ANSWER_INVALID', text);
  }
  if (answer.status === 200) return 0;
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers['content-range'] ?? '');
  const isRight =
    range !== null && Number(range[1]) === from && (range[2] === '*' || Number(range[2]) === size);
  if (isRight) return from;
  answer.body.destroy();
  const text = `The registry ${answer.url.host} gives another range of the blob ${digest} than it was asked for`;
  throw registryError('REGISTRY_ANSWER_INVALID', text);
}

/** Passes over what is there already. */
async function* withoutStart(answer: Answer, start: number, wanted: number): AsyncGenerator<Uint8Array> {
  let skip = wanted - start;
  for await (const chunk of bodyOf(answer)) {
    const taken = Math.min(skip, chunk.length);
    skip -= taken;
    if (taken < chunk.length) yield taken === 0 ? chunk : chunk.subarray(taken);
  }
}

function tooLong({ host }: RegistrySession, digest: Digest, size: number): Error {
  const text = `The registry ${host} gives more than the ${size} bytes that the blob ${digest} should have`;
  return registryError('REGISTRY_ANSWER_INVALID', text);
}
