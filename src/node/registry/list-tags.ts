import { pagesOf } from './pages.ts';
import type { RegistrySession } from './registry-session.ts';

const PAGE_SIZE = 1000;
/** v2 comes before v10. */
const NATURAL = new Intl.Collator('en', { numeric: true });

export interface TagList {
  /** No more than that; all of them unless given. */
  readonly limit?: number;
}

/** The tags of the repository, page by page. */
export async function listTags(
  session: RegistrySession,
  { limit = Infinity }: TagList,
): Promise<readonly string[]> {
  const tags: string[] = [];
  const path = `tags/list?n=${Math.min(limit, PAGE_SIZE)}`;
  for await (const page of pagesOf(session, { path, name: 'The list of tags' })) {
    tags.push(...page.strings('tags'));
    if (tags.length >= limit) break;
  }
  // Not every registry sorts them, as it should.
  return tags.slice(0, limit).toSorted(NATURAL.compare);
}
