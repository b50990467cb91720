import type { Readable } from 'node:stream';
import type { Digest } from '../../pure/base/digest.ts';
import { registryError } from './errors.ts';
import { failedAnswer } from './failed-answer.ts';
import type { Answer } from './http/read-body.ts';
import { Retries } from './http/retry.ts';
import type { RegistryRequest, RegistrySession } from './registry-session.ts';

/** Bytes up to which a blob goes in one request. */
const MONOLITHIC = 8 << 20;
/** Bytes of a chunk: what is lost by a cut. */
const CHUNK = 16 << 20;

export interface Upload {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** The bytes from `start` up to, not including, `end`; made anew for each try. */
  readonly read: (start: number, end: number) => Readable;
  /** Repositories of the same registry that may have the blob. */
  readonly sources: readonly string[];
}

export type Uploaded = 'present' | 'mounted' | 'uploaded';

/** Sees to it that the registry has a blob (distribution-spec, "Pushing Blobs"). */
export async function uploadBlob(session: RegistrySession, upload: Upload): Promise<Uploaded> {
  const found = await lookFor(session, upload.digest, upload.sources);
  if (found !== undefined) return found;
  await send(session, upload);
  return 'uploaded';
}

/** Whether the repository has a blob, or can take it over from one of the sources. */
export async function findBlob(
  session: RegistrySession,
  digest: Digest,
  sources: readonly string[],
): Promise<boolean> {
  return (await lookFor(session, digest, sources)) !== undefined;
}

async function lookFor(
  session: RegistrySession,
  digest: Digest,
  sources: readonly string[],
): Promise<'present' | 'mounted' | undefined> {
  const scopes = pushScopes(session);
  const known = await session.send({ method: 'HEAD', path: `blobs/${digest}`, scopes }, [200, 404]);
  known.body.destroy();
  if (known.status === 200) return 'present';
  for (const source of sources) {
    if (await mount(session, digest, source)) return 'mounted';
  }
  return undefined;
}

export function pushScopes({ repository }: RegistrySession): readonly string[] {
  return [`repository:${repository}:pull,push`];
}

/** Whether the registry took the blob over from another repository; one that doesn't know how begins an upload. */
async function mount(session: RegistrySession, digest: Digest, source: string): Promise<boolean> {
  const scopes = [...pushScopes(session), `repository:${source}:pull`];
  const query = new URLSearchParams({ mount: digest, from: source });
  const path = `blobs/uploads/?${query.toString()}`;
  const answer = await session.send({ method: 'POST', path, scopes, headers: EMPTY }, [201, 202, 404]);
  answer.body.destroy();
  if (answer.status !== 202) return answer.status === 201;
  // Nobody goes on with that one.
  const cancelled = { method: 'DELETE', path: locationOf(answer), scopes } as const;
  (await session.send(cancelled, [204, 202, 404, 405])).body.destroy();
  return false;
}

const EMPTY = { 'content-length': '0' };

async function send(session: RegistrySession, upload: Upload): Promise<void> {
  const retries = new Retries(session.retry, session.signal);
  for (;;) {
    const location = await begin(session);
    try {
      // After a cut nobody knows how much of a single request came: it begins anew.
      if (upload.size <= MONOLITHIC) return await finish(session, location, { upload, from: 0 });
      const last = await sendChunks(session, location, upload);
      return await finish(session, last, { upload, from: upload.size });
    } catch (error) {
      await retries.next(error, session.host);
    }
  }
}

async function begin(session: RegistrySession): Promise<URL> {
  const request: RegistryRequest = {
    method: 'POST',
    path: 'blobs/uploads/',
    scopes: pushScopes(session),
    headers: EMPTY,
  };
  const answer = await session.send(request, [202]);
  answer.body.destroy();
  return locationOf(answer);
}

/** Sends a blob piece by piece; after a cut it asks where to go on. Where the upload then is. */
async function sendChunks(session: RegistrySession, first: URL, upload: Upload): Promise<URL> {
  const retries = new Retries(session.retry, session.signal);
  let [location, at] = [first, 0];
  while (at < upload.size) {
    const end = Math.min(upload.size, at + CHUNK);
    try {
      const answer = await patch(session, location, { upload, start: at, end });
      location = locationOf(answer);
      at = end;
      retries.progress();
    } catch (error) {
      await retries.next(error, session.host);
      const there = await statusOf(session, location);
      // distribution itself knows no more of an upload that was cut: it begins anew.
      if (there === undefined) throw error;
      location = there.location;
      at = there.next;
    }
  }
  return location;
}

interface Chunk {
  readonly upload: Upload;
  readonly start: number;
  readonly end: number;
}

function patch(session: RegistrySession, location: URL, { upload, start, end }: Chunk): Promise<Answer> {
  return once(session, 202, {
    method: 'PATCH',
    path: location,
    scopes: pushScopes(session),
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(end - start),
      'content-range': `${start}-${end - 1}`,
    },
    body: () => upload.read(start, end),
  });
}

/** Where an upload is, and how much has come; undefined if the registry has lost it. */
async function statusOf(
  session: RegistrySession,
  path: URL,
): Promise<{ readonly location: URL; readonly next: number } | undefined> {
  const answer = await session.send({ path, scopes: pushScopes(session) }, [204, 400, 404, 416]);
  answer.body.destroy();
  if (answer.status !== 204) return undefined;
  const last = /^(?:bytes=)?0-(\d+)$/.exec(String(answer.headers.range ?? ''))?.[1];
  // distribution says 0-0 for nothing, too.
  const next = last === undefined || last === '0' ? 0 : Number(last) + 1;
  return { location: answer.headers.location === undefined ? path : locationOf(answer), next };
}

interface Rest {
  readonly upload: Upload;
  readonly from: number;
}

async function finish(session: RegistrySession, location: URL, { upload, from }: Rest): Promise<void> {
  const path = new URL(location);
  path.searchParams.set('digest', upload.digest);
  const length = upload.size - from;
  const answer = await once(session, 201, {
    method: 'PUT',
    path,
    scopes: pushScopes(session),
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(length) },
    ...(length === 0 ? {} : { body: () => upload.read(from, upload.size) }),
  });
  answer.body.destroy();
}

/** One try, since what comes after a failure depends on how far it came. */
async function once(session: RegistrySession, expected: number, request: RegistryRequest): Promise<Answer> {
  const answer = await session.sendOnce(request);
  if (answer.status !== expected) throw await failedAnswer(answer, session.repository);
  answer.body.resume();
  return answer;
}

function locationOf({ headers, url }: Answer): URL {
  const text = headers.location ?? '';
  const location = URL.canParse(text, url) && text !== '' ? new URL(text, url) : undefined;
  const isAllowed =
    location?.protocol === 'https:' || (location?.protocol === 'http:' && url.protocol === 'http:');
  if (location !== undefined && isAllowed) return location;
  const shown = JSON.stringify(text.slice(0, 200));
  const message = `The registry ${url.host} begins an upload at ${shown}, which is no address for it`;
  throw registryError('REGISTRY_ANSWER_INVALID', message);
}
