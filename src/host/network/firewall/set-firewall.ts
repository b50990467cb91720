import { isSysError } from '../../kernel/call.ts';
import { becomeRouter } from '../bridge/forwarding.ts';
import { networkError } from '../errors.ts';
import { tableName } from '../records/places.ts';
import type { ContainerNetwork, NetworkRecord, NetworkRoots } from '../types.ts';
import { elementsOfNetwork, elementsOfPorts } from './elements-of.ts';
import { Firewall, guardedElement } from './firewall.ts';

/** Puts a container's networks and ports into the firewall, and has the host forward. */
export function setFirewall(
  roots: NetworkRoots,
  records: readonly NetworkRecord[],
  network: Pick<ContainerNetwork, 'endpoints' | 'ports'>,
): void {
  const bridges = records.filter(({ driver }) => driver === 'bridge');
  if (bridges.length === 0) return;
  const hasIpv6 = bridges.some(({ subnets }) => subnets.some(({ subnet }) => subnet.includes(':')));
  const guarded = becomeRouter(roots, hasIpv6).map(guardedElement);
  try {
    using firewall = new Firewall(tableName(roots));
    // We have these ports on the host: who else is on record for one is gone.
    const ports = elementsOfPorts(network);
    const others = bridges.flatMap((record) => elementsOfNetwork(roots, record));
    firewall.replace(ports, [...guarded, ...others]);
  } catch (error) {
    if (!isSysError(error, 'EPROTONOSUPPORT', 'EOPNOTSUPP', 'EAFNOSUPPORT')) throw error;
    const text = 'The kernel has no nf_tables, which networks need: use --network host or --network none';
    throw networkError('NETWORK_UNSUPPORTED', text, error);
  }
}
