import { isCortenError } from '../../pure/base/errors.ts';
import type { FoundRepository } from '../../pure/config/registry-query.ts';
import { pagesOf, readFields } from './pages.ts';
import type { RegistrySession } from './registry-session.ts';

export interface Search {
  /** As references have it: `docker.io`. */
  readonly domain: string;
  readonly term: string;
  readonly limit: number;
}

const HUB = 'docker.io';
/** Docker Hub's index, which is a host of its own. */
const HUB_INDEX = 'https://index.docker.io';
const PAGE_SIZE = 1000;
/** Repositories of a catalogue that are looked at. */
const MAX_CATALOG = 100_000;

/**
 * Repositories whose names or descriptions have a word: by the search of Docker's first registry API, which Docker
 * Hub and Quay offer, or from the catalogue of registries that have none.
 */
export async function searchRepositories(
  session: RegistrySession,
  search: Search,
): Promise<readonly FoundRepository[]> {
  return (await searchIndex(session, search)) ?? (await searchCatalog(session, search));
}

/** undefined where the registry has no such search. */
async function searchIndex(
  session: RegistrySession,
  { domain, term, limit }: Search,
): Promise<readonly FoundRepository[] | undefined> {
  await session.findProtocol();
  const url = new URL('/v1/search', domain === HUB ? HUB_INDEX : session.origin);
  url.searchParams.set('q', term);
  url.searchParams.set('n', String(limit));
  const answer = await session.send({ path: url, scopes: [] }, [200, ...NO_SEARCH]);
  if (answer.status !== 200) {
    answer.body.destroy();
    return undefined;
  }
  const fields = await readFields(session, answer, 'The list of repositories');
  return fields
    .objects('results')
    .slice(0, limit)
    .map((result) => ({
      name: `${domain}/${result.requiredString('name')}`,
      description: result.string('description') ?? '',
      stars: result.has('star_count') ? result.requiredCount('star_count') : 0,
      isOfficial: result.isTrue('is_official'),
    }));
}

/** What registries answer that know nothing of it. */
const NO_SEARCH = [400, 401, 403, 404, 405];

async function searchCatalog(
  session: RegistrySession,
  { domain, term, limit }: Search,
): Promise<readonly FoundRepository[]> {
  const found: FoundRepository[] = [];
  let seen = 0;
  const list = {
    path: `/_catalog?n=${PAGE_SIZE}`,
    scopes: ['registry:catalog:*'],
    name: 'The list of repositories',
  };
  try {
    for await (const page of pagesOf(session, list)) {
      const names = page.strings('repositories');
      seen += names.length;
      found.push(...names.filter((name) => name.includes(term)).map((name) => toRepository(domain, name)));
      if (found.length >= limit || seen >= MAX_CATALOG) break;
    }
  } catch (error) {
    // A page that names no repository of a registry that offers no catalogue.
    if (!isCortenError(error) || error.code !== 'REGISTRY_NOT_FOUND') throw error;
  }
  return found.slice(0, limit);
}

function toRepository(domain: string, name: string): FoundRepository {
  return { name: `${domain}/${name}`, description: '', stars: 0, isOfficial: false };
}
