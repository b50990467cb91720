import type { NetworkRoots } from '../types.ts';
import { DEFAULT_NETWORK } from '../default-network.ts';

export const RECORD_FILE = 'network.json';
/** In a network's directory of addresses: the one that was given last. */
export const LAST_FILE = 'last';

const DEFAULT_RUN = '/run/corten/networks';

export function networkFolder({ store }: NetworkRoots, name: string): string {
  return `${store}/${name}`;
}

/** The directory whose files are the addresses in use: each has its container's directory for a content. */
export function addressFolder({ run }: NetworkRoots, name: string): string {
  return `${run}/${name}`;
}

// Names of networks begin with a letter or digit, so that these are none's.

/** Whoever changes networks locks it. */
export function lockFile({ run }: NetworkRoots): string {
  return `${run}/.lock`;
}

/** Whoever is going to sweep locks it. */
export function sweeperFile({ run }: NetworkRoots): string {
  return `${run}/.sweeper`;
}

/** The name server's directory. */
export function namesFolder({ run }: NetworkRoots): string {
  return `${run}/.names`;
}

/** Which interfaces the host had before it became a router. */
export function forwardingFile({ run }: NetworkRoots): string {
  return `${run}/.forwarding`;
}

/** Engines with other roots have a table of their own. */
export function tableName({ run }: NetworkRoots): string {
  return run === DEFAULT_RUN ? 'corten' : `corten-${hashOf(run)}`;
}

/** The bridge's interface. The default network's is called so that a user knows it again. */
export function bridgeName(
  roots: NetworkRoots,
  { name, id }: { readonly name: string; readonly id: string },
): string {
  return name === DEFAULT_NETWORK && roots.run === DEFAULT_RUN ? 'corten0' : `ct-${id.slice(0, 12)}`;
}

/** FNV-1a of 32 bits: a short name for a path, no secret. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}
