import { parseJson } from '../../pure/base/json.ts';
import { JsonFields } from '../../pure/base/json-fields.ts';
import { registryError } from './errors.ts';
import { readBody, type Answer } from './http/read-body.ts';
import type { RegistrySession } from './registry-session.ts';

/** Bytes of one page. */
const MAX_PAGE = 4 << 20;
const MAX_PAGES = 10_000;

export interface PagedList {
  /** The first page. */
  readonly path: string | URL;
  readonly scopes?: readonly string[];
  /** What it is called in errors, as in `The list of tags`. */
  readonly name: string;
}

/** The pages of a list that a registry gives (distribution-spec, "Content Discovery"). */
export async function* pagesOf(session: RegistrySession, list: PagedList): AsyncGenerator<JsonFields> {
  const { scopes, name } = list;
  let path: string | URL | undefined = list.path;
  for (let pages = 0; path !== undefined; pages++) {
    if (pages === MAX_PAGES) throw invalid(session, name, `has more than ${MAX_PAGES} pages`);
    const answer = await session.send({ path, ...(scopes === undefined ? {} : { scopes }) }, [200]);
    yield await readFields(session, answer, name);
    path = nextPage(session, answer, name);
  }
}

/** The JSON object of an answer. */
export async function readFields(
  session: RegistrySession,
  answer: Answer,
  name: string,
): Promise<JsonFields> {
  const text = new TextDecoder().decode(await readBody(answer, MAX_PAGE, name));
  const fault = (_field: string, what: string): Error => invalid(session, name, what);
  try {
    return new JsonFields(parseJson(text), '', fault);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw invalid(session, name, 'is not JSON');
  }
}

/** RFC 8288: `</v2/…?last=x&n=1>; rel="next"`, below the same host. */
function nextPage(session: RegistrySession, { headers, url }: Answer, name: string): URL | undefined {
  const target = /<([^>]*)>\s*;\s*rel="?next"?/.exec(headers.link?.toString() ?? '')?.[1];
  if (target === undefined) return undefined;
  const next = URL.canParse(target, url) ? new URL(target, url) : undefined;
  if (next?.origin !== url.origin) throw invalid(session, name, 'goes on at another host');
  return next;
}

function invalid({ host, repository }: RegistrySession, name: string, what: string): Error {
  const place = repository === '' ? host : `${host}/${repository}`;
  return registryError('REGISTRY_ANSWER_INVALID', `${name} of ${place} ${what}`);
}
