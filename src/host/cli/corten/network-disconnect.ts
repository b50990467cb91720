import { disconnectNetwork } from '../../engine/connect-network.ts';
import { findContainer } from '../../engine/find-container.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'network disconnect [flags] NETWORK CONTAINER',
  summary: 'Takes a container out of a network.',
  flags: {
    force: { kind: 'switch', short: 'f', help: 'accepted for compatibility: nothing has to be forced' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const [network, container, ...more] = options.rest;
  if (network === undefined || container === undefined || more.length > 0) {
    throw usageError('Name a network and a container');
  }
  disconnectNetwork(roots, findContainer(roots, container), network);
  return 0;
}
