import type {
  FoundImage,
  FoundManifest,
  FoundReferrer,
  FoundRepository,
  ManifestWord,
  RegistryQuery,
  RegistryQuestion,
} from '../../pure/config/registry-query.ts';
import { isShortName, parseReference, type Reference } from '../../pure/store/reference.ts';
import { captureNodeProgram } from './capture-node-program.ts';
import { registryAccess } from './registries/registry-access.ts';
import { meantNames, searchedRegistries } from './registries/short-names.ts';
import type { Roots } from './roots.ts';

/** What each kind of question is answered with. */
interface Answers {
  readonly tags: readonly string[];
  readonly search: readonly FoundRepository[];
  readonly referrers: readonly FoundReferrer[];
  readonly manifest: FoundManifest;
  readonly images: readonly FoundImage[];
  readonly delete: null;
}

/** An image's name as a registry is asked for it; of a short name the likeliest meaning. */
export function remoteName(text: string): Reference {
  return parseReference(meantNames(text)[0]);
}

export function manifestWord({ tag, digest }: Reference): ManifestWord {
  return digest === undefined ? { tag: tag ?? 'latest' } : { digest };
}

/** Asks the registry of a repository; undefined if it gave no answer, which was told. */
export function askRegistry<Q extends RegistryQuestion>(
  roots: Roots,
  { domain, path, digest }: Pick<Reference, 'domain' | 'path' | 'digest'>,
  question: Q,
): Answers[Q['kind']] | undefined {
  const access = registryAccess({ domain, repository: path, hasDigest: digest !== undefined });
  const request: RegistryQuery = { access, domain, repository: path, question };
  const readable = access.authorities === undefined ? [] : [access.authorities];
  const text = captureNodeProgram(roots, { words: ['query'], hasNetwork: true, readable, request });
  return text === undefined ? undefined : (JSON.parse(text) as Answers[Q['kind']]);
}

export interface SearchWish {
  /** A word, with a registry before it if one is meant (`quay.io/box`). */
  readonly term: string;
  readonly limit: number;
}

/** Repositories that a word is found in; undefined if no registry gave an answer. */
export function searchRegistries(
  roots: Roots,
  { term, limit }: SearchWish,
): readonly FoundRepository[] | undefined {
  const slash = term.indexOf('/');
  const isAimed = slash > 0 && !isShortName(`${term.slice(0, slash)}/x`);
  const domains = isAimed ? [term.slice(0, slash)] : searchedRegistries();
  const word = isAimed ? term.slice(slash + 1) : term;
  const answers = domains.map((domain) =>
    askRegistry(roots, { domain, path: '', digest: undefined }, { kind: 'search', term: word, limit }),
  );
  return answers.every((answer) => answer === undefined)
    ? undefined
    : answers.flatMap((answer) => answer ?? []);
}
