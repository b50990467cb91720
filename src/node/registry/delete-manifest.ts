import { registryError } from './errors.ts';
import { failedAnswer } from './failed-answer.ts';
import { getManifest, type ManifestName } from './get-manifest.ts';
import type { RegistrySession } from './registry-session.ts';

/** What registries answer that delete no tag, or nothing at all. */
const UNABLE = [400, 405, 501];

/**
 * Takes a tag away, or a manifest with every tag of it (distribution-spec, "Content Management"). Blobs stay until the
 * registry collects its garbage.
 */
export async function deleteManifest(
  session: RegistrySession,
  name: ManifestName,
  isWholeManifest: boolean,
): Promise<void> {
  if ('digest' in name) return await deleteOne(session, name.digest, unableManifest);
  // A tag that is missing is told with those that there are.
  const { digest } = await getManifest(session, name);
  if (isWholeManifest) return await deleteOne(session, digest, unableManifest);
  await deleteOne(session, name.tag, () => unableTag(session, name.tag, digest));
}

async function deleteOne(
  session: RegistrySession,
  word: string,
  unable: (session: RegistrySession) => Error,
): Promise<void> {
  const scopes = [`repository:${session.repository}:delete,pull`];
  const answer = await session.sendOnce({ method: 'DELETE', path: `manifests/${word}`, scopes });
  if (answer.status === 202 || answer.status === 204 || answer.status === 200) {
    answer.body.destroy();
    return;
  }
  if (!UNABLE.includes(answer.status)) throw await failedAnswer(answer, session.repository);
  answer.body.destroy();
  throw unable(session);
}

function unableManifest({ host }: RegistrySession): Error {
  const text = `The registry ${host} deletes nothing: its own configuration has to allow it`;
  return registryError('REGISTRY_CANNOT_DELETE', text);
}

function unableTag({ host }: RegistrySession, tag: string, digest: string): Error {
  const text = `The registry ${host} can't take the tag ${tag} away alone: --manifest deletes ${digest}, with every tag of it`;
  return registryError('REGISTRY_CANNOT_DELETE', text);
}
