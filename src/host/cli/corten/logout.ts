import { logOut } from '../../engine/log-in.ts';
import { ACCESS_FLAGS, parseRegistryVerb } from '../access-words.ts';
import type { CortenContext } from '../corten-context.ts';
import { registryDomain } from '../corten-registry.ts';
import { print } from '../runt-context.ts';

const HELP = {
  usage: 'logout [REGISTRY]',
  summary: 'Forgets the login to a registry, docker.io unless named.',
  flags: { authfile: ACCESS_FLAGS.authfile },
} as const;

export function main({ words }: CortenContext): number {
  const options = parseRegistryVerb(HELP, words);
  if (options === undefined) return 0;
  const domain = registryDomain(options);
  print(logOut(domain) ? `The login to ${domain} is forgotten\n` : `Not logged in to ${domain}\n`);
  return 0;
}
