import { formatJson } from '../../pure/base/json.ts';
import type { FoundManifest, RegistryQuery } from '../../pure/config/registry-query.ts';
import { describeImages } from '../images/describe-images.ts';
import { deleteManifest } from '../registry/delete-manifest.ts';
import { listTags } from '../registry/list-tags.ts';
import { listReferrers } from '../registry/referrers.ts';
import { Registry } from '../registry/registry.ts';
import { searchRepositories } from '../registry/search.ts';
import { readRequest } from './read-request.ts';
import type { VerbContext } from './verb-context.ts';

/** `query`: the question comes on standard input, its answer goes to output, both as JSON. */
export async function query(_args: readonly string[], { signal }: VerbContext): Promise<number> {
  const request = readRequest<RegistryQuery>();
  using registry = new Registry({ ...request, signal });
  process.stdout.write(formatJson((await answerOf(registry, request)) ?? null));
  return 0;
}

async function answerOf(registry: Registry, { domain, question }: RegistryQuery): Promise<unknown> {
  switch (question.kind) {
    case 'tags':
      return await listTags(registry.own, question);
    case 'search':
      return await searchRepositories(registry.own, { domain, ...question });
    case 'referrers': {
      const { of, artifactType } = question;
      const digest = 'digest' in of ? of.digest : (await registry.getManifest(of)).digest;
      return await listReferrers(registry.own, digest, artifactType);
    }
    case 'manifest': {
      const { bytes, digest, mediaType } = await registry.getManifest(question.of);
      return { digest, mediaType, text: new TextDecoder().decode(bytes) } satisfies FoundManifest;
    }
    case 'images':
      return await describeImages(registry, question.of);
    case 'delete':
      return await deleteManifest(registry.own, question.of, question.isWholeManifest);
  }
}
