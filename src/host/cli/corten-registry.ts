import { usageError } from './corten-context.ts';
import type { Options } from './options.ts';

const HOST = /^(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[a-fA-F0-9:]+\])(?::\d{1,5})?$/;
const HUB = 'docker.io';
const HUB_NAMES: ReadonlySet<string> = new Set(['index.docker.io', 'registry-1.docker.io']);

/** The registry that is named, as a host with a port if any; Docker Hub unless one is. */
export function registryDomain({ rest: [word, ...more] }: Options): string {
  if (more.length > 0) throw usageError(`Only one registry is taken, not "${more.join(' ')}" too`);
  if (word === undefined) return HUB;
  // As copied from a browser, or from Docker's own file.
  const host = word.replace(/^https?:\/\//, '').replace(/\/(?:v[12]\/?)?$/, '');
  if (!HOST.test(host))
    throw usageError(`"${word}" is no registry: give its host, and its port if it has one`);
  return HUB_NAMES.has(host) ? HUB : host;
}
