import { attempt, sys } from '../kernel/call.ts';
import { F } from '../kernel/constants.ts';
import { cStrings, exit, fork } from '../kernel/process.ts';
import { publishingEndpoint } from './firewall/elements-of.ts';
import type { JoinedNetworks } from './join-networks.ts';
import { closeAll, type BoundPort } from './publish/bind-ports.ts';
import { FORWARDER, type Forwarding, type Listener } from './publish/forwarding.ts';
import type { Endpoint } from './types.ts';

/**
 * Gives the sockets of published ports to a process of their own, without any power, which joins what comes to them
 * with the container; its pid, or none where there is nothing to serve. It ends with this process.
 */
export function startForwarder({ ports, network }: JoinedNetworks): readonly number[] {
  const endpoint = publishingEndpoint(network.endpoints);
  const listeners = endpoint === undefined ? [] : ports.flatMap((port) => listenerOf(endpoint, port));
  const pid = listeners.length === 0 ? undefined : forkForwarder(listeners);
  closeAll(ports);
  return pid === undefined ? [] : [pid];
}

function listenerOf(
  { addresses }: Endpoint,
  { hostAddress, port, protocol, socket }: BoundPort,
): readonly Listener[] {
  if (socket === undefined || protocol === 'sctp') return [];
  const isV6 = hostAddress.includes(':');
  const target = addresses.find(({ address }) => address.includes(':') === isV6) ?? addresses[0];
  return target === undefined ? [] : [{ fd: socket.number, protocol, address: target.address, port }];
}

function forkForwarder(listeners: readonly Listener[]): number {
  const forwarding: Forwarding = { parent: sys('getpid'), listeners };
  const pid = fork();
  if (pid !== 0) return pid;
  // Nothing may reach the frames of the parent.
  try {
    for (const { fd } of listeners) sys('fcntl', fd, F.SETFD, 0);
    const args = cStrings([FORWARDER, JSON.stringify(forwarding)]);
    attempt('execve', '/proc/self/exe', args.pointers, cStrings([]).pointers);
  } finally {
    exit(127);
  }
}
