import type { Places } from '../monitor/places.ts';
import { listedPod } from './list-pods.ts';
import { networkHostConfig } from './network/network-settings.ts';
import { networkNames } from './network-names.ts';
import { requirePodConfig } from './pods/open-pod.ts';
import { hasMonitor, type PodConfig } from './pods/pod-config.ts';
import { readContainerNetwork } from '../network/container-network.ts';
import type { Roots } from './roots.ts';

/** A pod in the shape of podman's own answer (libpod, InspectPodData); it has no container besides those of the user. */
export function inspectPod(roots: Roots, places: Places): object {
  const config = requirePodConfig(places);
  const { state, members, cgroup } = listedPod(roots, places);
  const containers = members.map(({ id, name, state: own, isPaused }) => ({
    Id: id,
    Name: name,
    State: isPaused ? 'paused' : own,
  }));
  return {
    Id: config.id,
    Name: config.name,
    Created: config.created,
    ...(config.commandLine === undefined ? {} : { CreateCommand: ['corten', ...config.commandLine] }),
    ExitPolicy: config.exitPolicy,
    State: state,
    Hostname: config.hostname,
    Labels: Object.fromEntries(config.labels),
    CreateCgroup: cgroup !== undefined,
    CgroupParent: config.cgroupParent ?? '',
    CgroupPath: cgroup ?? config.cgroupParent ?? '',
    CreateInfra: hasMonitor(config),
    InfraContainerID: '',
    InfraConfig: networkOf(config, places),
    SharedNamespaces: config.shares,
    NumContainers: containers.length,
    Containers: containers,
    ...limitsOf(config),
  };
}

/** The networks that a pod's containers are meant to be in. */
export function podNetworks({ network, networking, shares }: PodConfig): readonly string[] {
  return shares.includes('net') ? networkNames({ network, networking }) : [];
}

function networkOf(config: PodConfig, { directory }: Places): object {
  const { networking, network } = config;
  const { PortBindings } = networkHostConfig({ network, networking }) as { readonly PortBindings: object };
  const addresses = (readContainerNetwork(directory)?.endpoints ?? []).map((endpoint) => [
    endpoint.network,
    endpoint.addresses.map(({ address }) => address),
  ]);
  return {
    PortBindings,
    HostNetwork: network === 'host',
    StaticMAC: networking.networks[0]?.mac ?? '',
    DNSServer: networking.dns,
    DNSSearch: networking.dnsSearch,
    DNSOption: networking.dnsOptions,
    HostAdd: networking.hosts.map(([name, address]) => `${name}:${address}`),
    Networks: podNetworks(config),
    Addresses: Object.fromEntries(addresses),
  };
}

function limitsOf({ limits }: PodConfig): object {
  const { memory, memorySwap, nanoCpus, cpuShares, pids } = limits;
  return {
    ...(memory === undefined ? {} : { memory_limit: memory }),
    ...(memorySwap === undefined ? {} : { memory_swap: memorySwap }),
    ...(nanoCpus === undefined ? {} : { cpu_period: 100_000, cpu_quota: Math.round(nanoCpus / 10_000) }),
    ...(cpuShares === undefined ? {} : { cpu_shares: cpuShares }),
    ...(pids === undefined ? {} : { pids_limit: pids }),
  };
}
