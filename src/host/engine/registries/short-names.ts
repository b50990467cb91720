import { formatReference, isShortName, parseReference } from '../../../pure/store/reference.ts';
import { setting } from '../settings.ts';
import { registriesConf } from './registries-files.ts';

const HUB = 'docker.io';

/**
 * What a name without a registry may mean, the likeliest first: an alias of registries.conf, or the name at each
 * registry that is searched; Docker Hub alone unless configuration says otherwise. Other names mean themselves.
 */
export function meantNames(text: string): readonly [string, ...string[]] {
  const plain = parseReference(text);
  if (!isShortName(text)) return [formatReference(plain)];
  const { aliases } = registriesConf(environ());
  const [, bare = text, suffix = ''] = /^([^:@]+)([:@][^]*)?$/.exec(text) ?? [];
  const alias = aliases.get(bare);
  if (alias !== undefined) return [formatReference(parseReference(`${alias}${suffix}`))];
  const [first = HUB, ...others] = searchedRegistries();
  const nameAt = (registry: string): string =>
    registry === HUB ? formatReference(plain) : formatReference(parseReference(`${registry}/${text}`));
  return [nameAt(first), ...others.map(nameAt)];
}

/** The registries that are asked for a name without one. */
export function searchedRegistries(): readonly string[] {
  const own = setting('registries.search');
  const search = own.length > 0 ? own : (registriesConf(environ()).search ?? []);
  return search.length > 0 ? search : [HUB];
}
