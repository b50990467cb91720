import { createHash } from 'node:crypto';
import { digestOfHex, type Digest } from '../../pure/base/digest.ts';
import { isCortenError } from '../../pure/base/errors.ts';
import {
  MEDIA_TYPE_DOCKER_LIST,
  MEDIA_TYPE_DOCKER_MANIFEST,
  MEDIA_TYPE_INDEX,
  MEDIA_TYPE_MANIFEST,
} from '../../pure/spec/image.ts';
import { registryError } from './errors.ts';
import { readBody, type Answer } from './http/read-body.ts';
import { isCutConnection } from './http/failure.ts';
import { Retries } from './http/retry.ts';
import { listTags } from './list-tags.ts';
import type { RegistrySession } from './registry-session.ts';

export interface RemoteManifest {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly mediaType: string;
}

/** distribution itself takes no larger one. */
const MAX_MANIFEST = 4 << 20;
const ACCEPT = [
  MEDIA_TYPE_INDEX,
  MEDIA_TYPE_MANIFEST,
  MEDIA_TYPE_DOCKER_LIST,
  MEDIA_TYPE_DOCKER_MANIFEST,
].join(', ');
/** Tags that an error names. */
const SHOWN_TAGS = 10;

export type ManifestName = { readonly tag: string } | { readonly digest: Digest };

/** A manifest or an index by tag or digest, checked against its digest. */
export async function getManifest(session: RegistrySession, name: ManifestName): Promise<RemoteManifest> {
  const retries = new Retries(session.retry, session.signal);
  for (;;) {
    try {
      return await getOnce(session, name);
    } catch (error) {
      if (!isCutConnection(error)) throw error;
      await retries.next(error, session.host);
    }
  }
}

async function getOnce(session: RegistrySession, name: ManifestName): Promise<RemoteManifest> {
  const answer = await request(session, name);
  const what = `The manifest ${textOf(name)} of ${session.host}/${session.repository}`;
  const bytes = await readBody(answer, MAX_MANIFEST, what);
  const digest = digestOf(bytes);
  const promised = 'digest' in name ? name.digest : headerOf(answer, 'docker-content-digest');
  // Other algorithms than ours may stand in the header.
  if (promised !== undefined && promised.startsWith('sha256:') && promised !== digest) {
    const text = `${what} has digest ${digest}, but ${promised} was promised`;
    throw registryError('REGISTRY_ANSWER_INVALID', text);
  }
  return { bytes, digest, mediaType: (headerOf(answer, 'content-type') ?? '').replace(/\s*;.*$/, '') };
}

async function request(session: RegistrySession, name: ManifestName): Promise<Answer> {
  try {
    return await session.send({ path: `manifests/${textOf(name)}`, headers: { accept: ACCEPT } }, [200]);
  } catch (error) {
    const isMissing = isCortenError(error) && error.code === 'REGISTRY_NOT_FOUND';
    if (!isMissing || !('tag' in name)) throw error;
    throw await missingTag(session, name.tag, error);
  }
}

/** With the tags that there are, if the registry tells them. */
async function missingTag(session: RegistrySession, tag: string, error: Error): Promise<Error> {
  const { host, repository } = session;
  const tags = await tagsOrNone(session);
  const more = tags.length > SHOWN_TAGS ? ', …' : '';
  const list =
    tags.length === 0
      ? 'it lists no tags there either'
      : `these exist: ${tags.slice(0, SHOWN_TAGS).join(', ')}${more}`;
  const text = `The registry ${host} has no tag ${tag} in ${repository}; ${list}`;
  return registryError('REGISTRY_NOT_FOUND', text, { cause: error, data: { host } });
}

async function tagsOrNone(session: RegistrySession): Promise<readonly string[]> {
  try {
    return await listTags(session, { limit: SHOWN_TAGS + 1 });
  } catch (error) {
    if (!isCortenError(error)) throw error;
    return [];
  }
}

function textOf(name: ManifestName): string {
  return 'tag' in name ? name.tag : name.digest;
}

function headerOf({ headers }: Answer, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

function digestOf(bytes: Uint8Array): Digest {
  return digestOfHex(createHash('sha256').update(bytes).digest('hex')) as Digest;
}
