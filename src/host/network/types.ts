/** Where the records of networks lie. Plain data, as all here. */
export interface NetworkRoots {
  /** What lasts: a directory for each network. */
  readonly store: string;
  /** What a restart of the machine ends: addresses in use, the name server's files, the lock. */
  readonly run: string;
}

/** `cni`: made by plugins of the Container Network Interface, and on no record of ours. */
export type Driver = 'bridge' | 'macvlan' | 'cni';

/** What is kept of a network of the CNI for as long as a container is in it: its configuration may change meanwhile. */
export interface CniState {
  readonly config: object;
  /** Folders with plugins. */
  readonly path: readonly string[];
  /** What the last plugin answered. */
  readonly result?: unknown;
}

/** What was wanted of a network. */
export interface NetworkRecord {
  readonly version: 1;
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  /** RFC 3339. */
  readonly created: string;
  readonly driver: Driver;
  /** At most one of each family, IPv4 first. */
  readonly subnets: readonly NetworkSubnet[];
  readonly isInternal: boolean;
  /** Whether containers find each other by name. */
  readonly hasNames: boolean;
  readonly labels: readonly (readonly [key: string, value: string])[];
  readonly options: readonly (readonly [key: string, value: string])[];
}

export interface NetworkSubnet {
  /** `ADDRESS/PREFIX` */
  readonly subnet: string;
  /** The bridge's own address; of a macvlan network a router's. */
  readonly gateway: string;
  /** Where addresses are taken from, if not from the whole subnet. */
  readonly range?: string;
}

/** How a container wants to be in one network. */
export interface NetworkWish {
  readonly network: string;
  readonly address4?: string;
  readonly address6?: string;
  readonly mac?: string;
  /** Names besides the container's own. */
  readonly aliases: readonly string[];
}

export type Protocol = 'tcp' | 'udp' | 'sctp';

/** A port of the host for one of the container. */
export interface PortWish {
  /** An address of the host; undefined is all of them. */
  readonly hostAddress?: string;
  /** From the first to the last; 0 for any that is free. */
  readonly hostPorts: readonly [first: number, last: number];
  readonly port: number;
  readonly protocol: Protocol;
}

/** A port that is published. */
export interface PublishedPort {
  /** `0.0.0.0` and `::` are all of a family. */
  readonly hostAddress: string;
  readonly hostPort: number;
  readonly port: number;
  readonly protocol: Protocol;
}

/** A container in a network. */
export interface Endpoint {
  readonly network: string;
  readonly networkId: string;
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly driver: Driver;
  /** The name of the interface in the container. */
  readonly inside: string;
  /** The host's end of it; undefined with macvlan. */
  readonly outside?: string;
  readonly mac: string;
  readonly addresses: readonly EndpointAddress[];
  readonly aliases: readonly string[];
  /** As it was wanted. */
  readonly wish: NetworkWish;
  readonly cni?: CniState;
}

export interface EndpointAddress {
  readonly address: string;
  readonly prefix: number;
  /** Missing where nothing beyond the network is reached by it. */
  readonly gateway?: string;
}

/**
 * All that a container has of networks: the file `network` in its directory, written before the first thing is done
 * for it.
 */
export interface ContainerNetwork {
  readonly version: 1;
  readonly roots: NetworkRoots;
  readonly id: string;
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
  readonly ports: readonly PublishedPort[];
  /** Resolvers that the name server asks for this container; none for the host's own. */
  readonly dns: readonly string[];
}
