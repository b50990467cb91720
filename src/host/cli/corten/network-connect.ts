import { connectNetwork } from '../../engine/connect-network.ts';
import { findContainer } from '../../engine/find-container.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { wishFrom } from '../network/parse-networking.chunk.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'network connect [flags] NETWORK CONTAINER',
  summary: 'Joins a container with one more network.',
  flags: {
    alias: { kind: 'list', value: 'NAME', help: 'one more name in the network' },
    ip: { kind: 'text', value: 'ADDRESS', help: 'IPv4 address in the network' },
    ip6: { kind: 'text', value: 'ADDRESS', help: 'IPv6 address in the network' },
    'mac-address': { kind: 'text', value: 'ADDRESS', help: 'address of the interface' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const [network, container, ...more] = options.rest;
  if (network === undefined || container === undefined || more.length > 0) {
    throw usageError('Name a network and a container');
  }
  connectNetwork(roots, findContainer(roots, container), wishFrom(options, network, options.list('alias')));
  return 0;
}
