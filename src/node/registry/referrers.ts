import { createHash } from 'node:crypto';
import { digestHex, digestOfHex, toDigest, type Digest } from '../../pure/base/digest.ts';
import { invariant, isCortenError } from '../../pure/base/errors.ts';
import { formatJson, parseJson } from '../../pure/base/json.ts';
import { JsonFields } from '../../pure/base/json-fields.ts';
import type { FoundReferrer } from '../../pure/config/registry-query.ts';
import { MEDIA_TYPE_INDEX } from '../../pure/spec/image.ts';
import { registryError } from './errors.ts';
import { getManifest } from './get-manifest.ts';
import { pagesOf } from './pages.ts';
import { putManifest } from './put-manifest.ts';
import type { RegistrySession } from './registry-session.ts';

const NAME = 'The list of referrers';

/**
 * What refers to a manifest as its subject, as signatures do (distribution-spec, "Listing Referrers"); by the tag
 * `sha256-…` where the registry has no such list.
 */
export async function listReferrers(
  session: RegistrySession,
  digest: Digest,
  artifactType?: string,
): Promise<readonly FoundReferrer[]> {
  const found = (await fromList(session, digest)) ?? (await fromTag(session, digest));
  return found.filter((one) => artifactType === undefined || one.artifactType === artifactType);
}

/** undefined where the registry knows nothing of referrers. */
async function fromList(
  session: RegistrySession,
  digest: Digest,
): Promise<readonly FoundReferrer[] | undefined> {
  const found: FoundReferrer[] = [];
  try {
    for await (const page of pagesOf(session, { path: `referrers/${digest}`, name: NAME })) {
      found.push(...page.objects('manifests').map(toReferrer));
    }
    return found;
  } catch (error) {
    if (isCortenError(error) && error.code === 'REGISTRY_NOT_FOUND') return undefined;
    throw error;
  }
}

async function fromTag(session: RegistrySession, digest: Digest): Promise<readonly FoundReferrer[]> {
  const index = await fallbackIndex(session, digest);
  return index === undefined ? [] : index.objects('manifests').map(toReferrer);
}

/** The index under the tag that stands for a list of referrers; undefined where there is none. */
async function fallbackIndex(session: RegistrySession, digest: Digest): Promise<JsonFields | undefined> {
  try {
    const { bytes } = await getManifest(session, { tag: fallbackTag(digest) });
    const fault = (_field: string, what: string): Error =>
      registryError('REGISTRY_ANSWER_INVALID', `${NAME} of ${digest} ${what}`);
    return new JsonFields(parseJson(new TextDecoder().decode(bytes)), '', fault);
  } catch (error) {
    if (isCortenError(error) && error.code === 'REGISTRY_NOT_FOUND') return undefined;
    if (!(error instanceof SyntaxError)) throw error;
    throw registryError('REGISTRY_ANSWER_INVALID', `${NAME} of ${digest} is not JSON`);
  }
}

/** Enters a referrer under the tag, for a registry that has no list of its own. */
export async function addReferrer(
  session: RegistrySession,
  subject: Digest,
  entry: FoundReferrer,
): Promise<void> {
  const before = (await fallbackIndex(session, subject))?.objects('manifests').map(toReferrer) ?? [];
  const manifests = [...before.filter(({ digest }) => digest !== entry.digest), entry];
  const text = formatJson({ schemaVersion: 2, mediaType: MEDIA_TYPE_INDEX, manifests });
  const bytes = new TextEncoder().encode(text);
  const digest = digestOfHex(createHash('sha256').update(bytes).digest('hex'));
  invariant(digest !== undefined, 'a SHA-256 sum is no digest');
  await putManifest(session, { name: fallbackTag(subject), mediaType: MEDIA_TYPE_INDEX, digest, bytes });
}

/** distribution-spec, "Referrers Tag Schema". */
function fallbackTag(digest: Digest): string {
  return `sha256-${digestHex(digest)}`;
}

function toReferrer(fields: JsonFields): FoundReferrer {
  const digest = toDigest(fields.requiredString('digest'));
  if (digest === undefined) throw fields.fault('digest', 'has a digest that is not sha256');
  return {
    digest,
    mediaType: fields.requiredString('mediaType'),
    artifactType: fields.string('artifactType') ?? '',
    size: fields.requiredCount('size'),
    annotations: Object.fromEntries(fields.stringMap('annotations')),
  };
}
