import type { RegistriesConf, RegistryRule } from './registries-conf.ts';

/** A name as a user means it. */
export interface WantedName {
  /** Host, and port if any. */
  readonly domain: string;
  /** The repository's path; empty for the registry as a whole. */
  readonly repository: string;
  readonly hasDigest: boolean;
}

/** Where an image may be had. */
export interface RegistryTarget {
  readonly domain: string;
  readonly repository: string;
  readonly isInsecure: boolean;
  readonly isMirror: boolean;
}

export type FoundTargets =
  | { readonly kind: 'blocked'; readonly rule: RegistryRule }
  /** Mirrors first, the place itself last. */
  | { readonly kind: 'open'; readonly targets: readonly RegistryTarget[] };

/** Where registries.conf leads for a name: the rule with the longest prefix counts. */
export function findTargets({ rules }: RegistriesConf, wanted: WantedName): FoundTargets {
  const { domain, repository, hasDigest } = wanted;
  const name = repository === '' ? domain : `${domain}/${repository}`;
  const [rule] = rules
    .filter(({ prefix }) => matches(prefix, wanted, name))
    .toSorted((one, other) => other.prefix.length - one.prefix.length);
  if (rule === undefined) {
    return { kind: 'open', targets: [{ domain, repository, isInsecure: false, isMirror: false }] };
  }
  if (rule.isBlocked) return { kind: 'blocked', rule };
  const unwanted = hasDigest ? 'tag-only' : 'digest-only';
  const mirrors = rule.mirrors
    .filter(({ when }) => when !== unwanted)
    .map(({ location, isInsecure }) => targetOf(rewritten(rule.prefix, location, name), isInsecure, true));
  const own = targetOf(rewritten(rule.prefix, rule.location, name), rule.isInsecure, false);
  return { kind: 'open', targets: [...mirrors, own] };
}

function matches(prefix: string, { domain }: WantedName, name: string): boolean {
  if (prefix.startsWith('*.')) return domain.replace(/:\d+$/, '').endsWith(prefix.slice(1));
  return name === prefix || name.startsWith(`${prefix}/`);
}

function rewritten(prefix: string, location: string, name: string): string {
  if (location === '') return name;
  const slash = name.indexOf('/');
  const rest = prefix.startsWith('*.') ? (slash < 0 ? '' : name.slice(slash)) : name.slice(prefix.length);
  return `${location}${rest}`;
}

function targetOf(name: string, isInsecure: boolean, isMirror: boolean): RegistryTarget {
  const slash = name.indexOf('/');
  const [domain, repository] = slash < 0 ? [name, ''] : [name.slice(0, slash), name.slice(slash + 1)];
  return { domain, repository, isInsecure, isMirror };
}
