import type { CreatedContainer } from '../create-container.ts';
import { createPod, DEFAULT_SHARES } from '../create-pod.ts';
import { engineError, noSuchPod } from '../errors.ts';
import { findPod } from '../find-pod.ts';
import { NO_NETWORKING } from '../networking.ts';
import { removePod } from '../remove-pod.ts';
import type { Roots } from '../roots.ts';
import type { PodWish, RunRequest } from '../run-request.ts';
import type { NamespaceSettings } from '../run-settings.ts';
import type { Places } from '../../monitor/places.ts';
import { lockPod, requirePodConfig } from './open-pod.ts';
import { forgetGone } from './pod-members.ts';
import { podCgroup, type PodConfig } from './pod-config.ts';

/**
 * Has `create` put a container on record that is in a pod, which is made first where that was asked for. Throws
 * ENGINE_POD_NOT_FOUND, ENGINE_POD_SHARES.
 */
export function createInPod(
  roots: Roots,
  request: RunRequest,
  create: (adapted: RunRequest, pod: string) => CreatedContainer,
): CreatedContainer {
  const { pod } = request;
  if (pod === undefined) return create(request, '');
  if (!pod.isNew)
    return createIn(roots, { places: findPod(roots, pod.name), request: { ...request, pod } }, create);
  const places = createPod(roots, newPod({ ...request, pod }));
  try {
    const { hostname: _ofThePod, ...rest } = request;
    const member = { ...rest, hostname: undefined, pod: { ...pod, hasOwnNetworking: false } };
    return createIn(roots, { places, request: member }, create);
  } catch (error) {
    removePod(roots, places, { isForced: true });
    throw error;
  }
}

type InPod = RunRequest & { readonly pod: PodWish };

/** Of a container's flags those about networks and its name are the pod's. */
function newPod({ pod, hostname, network, networking, commandLine }: InPod): Parameters<typeof createPod>[1] {
  if (network === 'container' || network === 'pod') {
    const text = 'A pod has a network of its own, or the host’s: leave --network container: out';
    throw engineError('ENGINE_POD_SHARES', text);
  }
  return {
    name: pod.name === '' ? undefined : pod.name,
    hostname,
    network,
    networking,
    shares: DEFAULT_SHARES,
    labels: [],
    limits: {},
    exitPolicy: 'continue',
    ...(commandLine === undefined ? {} : { commandLine }),
  };
}

function createIn(
  roots: Roots,
  { places, request }: { readonly places: Places; readonly request: InPod },
  create: (adapted: RunRequest, pod: string) => CreatedContainer,
): CreatedContainer {
  using locked = lockPod(places, 'shared');
  if (locked === undefined) throw noSuchPod(places.name);
  const config = requirePodConfig(places);
  const created = create(adapted(config, request), config.id);
  forgetGone(roots, places, locked);
  return created;
}

function adapted(config: PodConfig, request: InPod): RunRequest {
  const { settings } = request;
  const cgroupParent = podCgroup(config) ?? config.cgroupParent;
  const namespaces = namespacesIn(config, settings.namespaces);
  const hasSettings = cgroupParent !== undefined || namespaces !== undefined;
  return {
    ...request,
    ...hostnameIn(config, request),
    ...networkIn(config, request),
    ...(hasSettings
      ? {
          settings: {
            ...settings,
            ...(namespaces === undefined ? {} : { namespaces }),
            ...(cgroupParent === undefined ? {} : { cgroupParent }),
          },
        }
      : {}),
  };
}

function networkIn(
  { shares, network, name }: PodConfig,
  request: InPod,
): Pick<RunRequest, 'network' | 'networking'> {
  const { networking } = request;
  if (!shares.includes('net')) return { network: request.network, networking };
  if (request.pod.hasOwnNetworking) {
    const text = `The pod ${name} has the network of all its containers: give ports, networks and names of hosts to corten pod create`;
    throw engineError('ENGINE_POD_SHARES', text);
  }
  const own = { ...NO_NETWORKING, exposed: networking.exposed };
  return { network: network === 'host' ? 'host' : 'pod', networking: own };
}

function hostnameIn({ shares, hostname, name }: PodConfig, request: InPod): Partial<RunRequest> {
  if (!shares.includes('uts') || request.settings.namespaces?.uts !== undefined) return {};
  if (request.hostname === undefined) return { hostname };
  const text = `The pod ${name} has the host name of all its containers: give --hostname to corten pod create`;
  throw engineError('ENGINE_POD_SHARES', text);
}

/** What a container itself asks for, as `--pid host`, comes first. */
function namespacesIn(
  { shares }: PodConfig,
  own: NamespaceSettings | undefined,
): NamespaceSettings | undefined {
  const kinds = (['ipc', 'uts', 'pid'] as const).filter((kind) => shares.includes(kind));
  return kinds.length === 0 ? own : { ...Object.fromEntries(kinds.map((kind) => [kind, 'pod'])), ...own };
}
