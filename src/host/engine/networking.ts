import type { NetworkWish, PortWish, Protocol } from '../network/types.ts';

/** What a user asks of networks. Plain data. */
export interface Networking {
  readonly networks: readonly NetworkWish[];
  /** ID of the container whose network is shared. */
  readonly container?: string;
  readonly ports: readonly PortWish[];
  /** Ports that are only told of. */
  readonly exposed: readonly ExposedPort[];
  /** Whether exposed ports are published too, on any that are free. */
  readonly isAllPublished: boolean;
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly dnsOptions: readonly string[];
  /** More lines of /etc/hosts; an address of `host-gateway` is the host's in the network. */
  readonly hosts: readonly (readonly [name: string, address: string])[];
}

export interface ExposedPort {
  readonly port: number;
  readonly protocol: Protocol;
}

export const NO_NETWORKING: Networking = {
  networks: [],
  ports: [],
  exposed: [],
  isAllPublished: false,
  dns: [],
  dnsSearch: [],
  dnsOptions: [],
  hosts: [],
};

/** With what the image exposes. */
export function withExposed(networking: Networking, ofImage: readonly string[]): Networking {
  const all = [...ofImage.flatMap(exposedPort), ...networking.exposed];
  const exposed = all.filter((one, index) => all.findIndex((other) => isSame(one, other)) === index);
  if (!networking.isAllPublished) return { ...networking, exposed };
  const missing = exposed.filter((one) => !networking.ports.some((other) => isSame(one, other)));
  const more = missing.map(({ port, protocol }): PortWish => ({ hostPorts: [0, 0], port, protocol }));
  return { ...networking, exposed, ports: [...networking.ports, ...more] };
}

function isSame(one: ExposedPort, other: ExposedPort): boolean {
  return one.port === other.port && one.protocol === other.protocol;
}

/** `80/tcp`, or `8000-8010/udp`; what an image says in another way is left out. */
export function exposedPort(text: string): readonly ExposedPort[] {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(text);
  if (match === null) return [];
  const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
  if (first < 1 || last > 65535 || last < first) return [];
  const protocol = (match[3]?.toLowerCase() ?? 'tcp') as Protocol;
  return Array.from({ length: last - first + 1 }, (_, index) => ({ port: first + index, protocol }));
}
