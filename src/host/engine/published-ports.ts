import type { Places } from '../monitor/places.ts';
import { readContainerNetwork } from '../network/container-network.ts';
import { describeContainer } from './describe-container.ts';
import { networkDirectory } from './network/network-settings.ts';
import { hostText } from '../network/port-text.ts';

export interface PortLine {
  /** `80/tcp` */
  readonly inner: string;
  /** `0.0.0.0:8080`, `[::]:8080` */
  readonly outer: string;
}

/** Where a container's ports are published, by port. */
export function publishedPorts(places: Places): readonly PortLine[] {
  const config = describeContainer(places);
  const directory = config === undefined ? places.directory : networkDirectory(config, places);
  const { ports = [] } = readContainerNetwork(directory) ?? {};
  return ports
    .toSorted((a, b) => a.port - b.port)
    .map(({ hostAddress, hostPort, port, protocol }) => ({
      inner: `${port}/${protocol}`,
      outer: hostAddress === '::' ? `[::]:${hostPort}` : hostText(hostAddress, hostPort),
    }));
}
