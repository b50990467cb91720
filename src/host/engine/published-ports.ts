import type { Places } from '../monitor/places.ts';
import { readContainerNetwork } from '../network/container-network.ts';
import { hostText } from '../network/port-text.ts';

export interface PortLine {
  /** `80/tcp` */
  readonly inner: string;
  /** `0.0.0.0:8080`, `[::]:8080` */
  readonly outer: string;
}

/** Where a container's ports are published, by port. */
export function publishedPorts({ directory }: Places): readonly PortLine[] {
  const { ports = [] } = readContainerNetwork(directory) ?? {};
  return ports
    .toSorted((a, b) => a.port - b.port)
    .map(({ hostAddress, hostPort, port, protocol }) => ({
      inner: `${port}/${protocol}`,
      outer: hostAddress === '::' ? `[::]:${hostPort}` : hostText(hostAddress, hostPort),
    }));
}
