import type { Places } from '../monitor/places.ts';
import { openContainer, statusOf, type ContainerState } from './container-status.ts';
import { allPods } from './find-pod.ts';
import { listContainers, type ListedContainer } from './list-containers.ts';
import { memberIds } from './pods/pod-members.ts';
import { podConfigOf } from './pods/open-pod.ts';
import { hasMonitor, podCgroup, type PodConfig } from './pods/pod-config.ts';
import type { Roots } from './roots.ts';

/** podman's words. */
export type PodState = 'Created' | 'Running' | 'Paused' | 'Degraded' | 'Stopped' | 'Exited';

export interface ListedPod {
  readonly id: string;
  readonly name: string;
  readonly places: Places;
  /** RFC 3339; empty for one that was never made whole. */
  readonly created: string;
  readonly state: PodState;
  /** undefined for one that was never made whole. */
  readonly config: PodConfig | undefined;
  /** The cgroup that all of its containers are in. */
  readonly cgroup: string | undefined;
  readonly members: readonly ListedContainer[];
}

/** Every pod, newest first. */
export function listPods(roots: Roots): readonly ListedPod[] {
  const containers = listContainers(roots, true).toReversed();
  const listed = allPods(roots).map((places) => describe(places, containers));
  return listed.toSorted((a, b) => (a.created < b.created ? 1 : a.created > b.created ? -1 : 0));
}

/** One of them. */
export function listedPod(roots: Roots, places: Places): ListedPod {
  return describe(places, listContainers(roots, true).toReversed());
}

/** `containers`: all that there are, in the order in which its own are told. */
function describe(places: Places, containers: readonly ListedContainer[]): ListedPod {
  const { id, name } = places;
  const ids = memberIds(places);
  const members = containers.filter((container) => ids.has(container.id));
  const config = podConfigOf(places);
  return {
    id,
    name,
    places,
    created: config?.created ?? '',
    state: stateOf(members, config === undefined || !hasMonitor(config) ? undefined : keeperState(places)),
    config,
    cgroup: config === undefined ? undefined : podCgroup(config),
    members,
  };
}

function keeperState(places: Places): ContainerState {
  using directory = openContainer(places);
  return directory === undefined ? 'created' : statusOf(directory.number).state;
}

/** As podman tells it, for which what keeps the namespaces is a container like the others (libpod, GetPodStatus). */
function stateOf(members: readonly ListedContainer[], keeper: ContainerState | undefined): PodState {
  const states = [
    ...members.map(({ state, isPaused }) => (isPaused ? 'paused' : state)),
    ...(keeper === undefined ? [] : [keeper]),
  ];
  const all = (...wanted: readonly string[]): boolean => states.every((state) => wanted.includes(state));
  if (states.length === 0 || all('created')) return 'Created';
  if (members.length > 0 && all('paused', 'running') && members.every(({ isPaused }) => isPaused))
    return 'Paused';
  if (all('running')) return 'Running';
  if (all('exited')) return 'Exited';
  return all('exited', 'created') ? 'Stopped' : 'Degraded';
}
