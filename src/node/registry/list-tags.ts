import { parseJson } from '../../pure/base/json.ts';
import { JsonFields } from '../../pure/base/json-fields.ts';
import { registryError } from './errors.ts';
import { readBody, type Answer } from './http/read-body.ts';
import type { RegistrySession } from './registry-session.ts';

/** Bytes of one page. */
const MAX_PAGE = 4 << 20;
const MAX_PAGES = 10_000;
const PAGE_SIZE = 1000;

export interface TagList {
  /** No more than that; all of them unless given. */
  readonly limit?: number;
}

/** The tags of the repository, page by page (distribution-spec, "Content Discovery"). */
export async function listTags(
  session: RegistrySession,
  { limit = Infinity }: TagList,
): Promise<readonly string[]> {
  const tags: string[] = [];
  let path: string | URL | undefined = `tags/list?n=${Math.min(limit, PAGE_SIZE)}`;
  for (let pages = 0; path !== undefined && tags.length < limit; pages++) {
    if (pages === MAX_PAGES) throw invalid(session, `has more than ${MAX_PAGES} pages`);
    const answer = await session.send({ path }, [200]);
    tags.push(...(await readPage(session, answer)));
    path = nextPage(session, answer);
  }
  return tags.slice(0, limit);
}

async function readPage(session: RegistrySession, answer: Answer): Promise<readonly string[]> {
  const text = new TextDecoder().decode(await readBody(answer, MAX_PAGE, 'The list of tags'));
  const fault = (_field: string, what: string): Error => invalid(session, what);
  try {
    return new JsonFields(parseJson(text), '', fault).strings('tags');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw invalid(session, 'is not JSON');
  }
}

/** RFC 8288: `</v2/…?last=x&n=1>; rel="next"`, below the same host. */
function nextPage(session: RegistrySession, { headers, url }: Answer): URL | undefined {
  const target = /<([^>]*)>\s*;\s*rel="?next"?/.exec(headers.link?.toString() ?? '')?.[1];
  if (target === undefined) return undefined;
  const next = URL.canParse(target, url) ? new URL(target, url) : undefined;
  if (next?.origin !== url.origin) throw invalid(session, 'goes on at another host');
  return next;
}

function invalid({ host, repository }: RegistrySession, what: string): Error {
  return registryError('REGISTRY_ANSWER_INVALID', `The list of tags of ${host}/${repository} ${what}`);
}
