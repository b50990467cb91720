import type { FoundRepository } from '../../../pure/config/registry-query.ts';
import { askRegistry, remoteName, searchRegistries } from '../../engine/ask-registry.ts';
import { ACCESS_FLAGS, parseRegistryVerb } from '../access-words.ts';
import { EXIT, usageError, type CortenContext } from '../corten-context.ts';
import { FORMAT_FLAG, printList } from '../corten-format.ts';
import type { Options } from '../options.ts';
import { plainText } from '../plain-text.ts';
import { numberOf, onlyWord } from '../verb.ts';

const HELP = {
  usage: 'search [flags] [REGISTRY/]TERM',
  summary: 'Looks for images at Docker Hub, the registries of the configuration, or the one named.',
  flags: {
    limit: { kind: 'text', value: 'N', help: 'no more than that of each registry, 25 unless given' },
    'list-tags': { kind: 'switch', help: 'list the tags of the repository that is named' },
    filter: { kind: 'list', short: 'f', value: 'WHAT', help: 'stars=N, or is-official=true' },
    'no-trunc': { kind: 'switch', help: 'shorten nothing' },
    format: FORMAT_FLAG,
    ...ACCESS_FLAGS,
  },
} as const;

const DEFAULT_LIMIT = 25;
const MAX_LIMIT = 1000;
const SHORT = 45;

export function main({ roots, words }: CortenContext): number {
  const options = parseRegistryVerb(HELP, words);
  if (options === undefined) return 0;
  const term = onlyWord(options, 'term');
  const limit = numberOf(options, 'limit') ?? DEFAULT_LIMIT;
  if (limit < 1 || limit > MAX_LIMIT) throw usageError(`The flag --limit takes 1 to ${MAX_LIMIT}`);
  const form = { format: options.text('format'), isQuiet: false };
  if (options.isOn('list-tags')) {
    const name = remoteName(term);
    const tags = askRegistry(roots, name, { kind: 'tags', limit });
    if (tags === undefined) return EXIT.FAILED;
    const repository = `${name.domain}/${name.path}`;
    const rows = tags.map((tag) => ({ Name: repository, Tag: plainText(tag) }));
    printList({ rows, headers: {}, columns: ['Name', 'Tag'], identifier: 'Tag' }, form);
    return 0;
  }
  const isWanted = filterFrom(options);
  const found = searchRegistries(roots, { term, limit });
  if (found === undefined) return EXIT.FAILED;
  const rows = found.filter(isWanted).map((one) => rowOf(one, options.isOn('no-trunc')));
  const columns = ['Name', 'Description', 'Stars', 'Official'] as const;
  printList({ rows, headers: {}, columns, identifier: 'Name' }, form);
  return 0;
}

interface Row {
  readonly Name: string;
  readonly Description: string;
  readonly Stars: string;
  readonly Official: string;
}

function rowOf({ name, description, stars, isOfficial }: FoundRepository, isWhole: boolean): Row {
  const text = plainText(description);
  return {
    Name: plainText(name),
    Description: isWhole || text.length <= SHORT ? text : `${text.slice(0, SHORT - 1)}…`,
    Stars: String(stars),
    Official: isOfficial ? '[OK]' : '',
  };
}

function filterFrom(options: Options): (found: FoundRepository) => boolean {
  const filters = options.list('filter').map((text) => {
    const [, key, value = ''] = /^(stars|is-official)(?:=(\w+))?$/.exec(text) ?? [];
    if (key === 'stars' && /^\d{1,9}$/.test(value))
      return ({ stars }: FoundRepository) => stars >= Number(value);
    if (key === 'is-official' && /^(?:true|false|)$/.test(value)) {
      return ({ isOfficial }: FoundRepository) => isOfficial === (value !== 'false');
    }
    throw usageError(`The flag --filter takes stars=N and is-official=true, not "${text}"`);
  });
  return (found) => filters.every((isRight) => isRight(found));
}
