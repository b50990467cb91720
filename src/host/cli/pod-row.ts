import type { ListedPod } from '../engine/list-pods.ts';
import type { ListedContainer } from '../engine/list-containers.ts';
import { podNetworks } from '../engine/inspect-pod.ts';
import type { Label } from '../engine/run-request.ts';
import { agoText } from './human-time.ts';

const SHORT_ID = 12;

/** A pod as podman's list shows it, with the names that its templates have. */
export function podRow(pod: ListedPod, isWhole: boolean, now: number): PodRow {
  const shorten = (id: string): string => (isWhole ? id : id.slice(0, SHORT_ID));
  const { id, name, state, created, members, config, cgroup } = pod;
  const listOf = (pick: (member: ListedContainer) => string): string => members.map(pick).join(',');
  const row = {
    Cgroup: cgroup ?? '',
    ContainerIDs: listOf((member) => shorten(member.id)),
    ContainerNames: listOf((member) => member.name),
    ContainerStatuses: listOf(stateText),
    Created: agoText(created, now),
    ID: shorten(id),
    InfraID: '',
    Labels: labelsOf(config?.labels ?? []),
    Name: name,
    Networks: config === undefined ? '' : podNetworks(config).join(','),
    NumberOfContainers: members.length,
    Status: state,
  };
  // Other names that podman's templates have; no data, so that JSON leaves them out.
  return Object.defineProperties(row, {
    Id: { value: row.ID, enumerable: false },
    InfraId: { value: '', enumerable: false },
    Label: { value: (key: unknown) => row.Labels.get(String(key)) ?? '', enumerable: false },
  });
}

export interface PodRow {
  readonly Cgroup: string;
  readonly ContainerIDs: string;
  readonly ContainerNames: string;
  readonly ContainerStatuses: string;
  readonly Created: string;
  readonly ID: string;
  readonly InfraID: string;
  readonly Labels: ReadonlyMap<string, string>;
  readonly Name: string;
  readonly Networks: string;
  readonly NumberOfContainers: number;
  readonly Status: string;
}

export function stateText({ state, isPaused }: ListedContainer): string {
  return isPaused ? 'paused' : state;
}

/** A map for templates, and an object as JSON. */
function labelsOf(labels: readonly Label[]): ReadonlyMap<string, string> {
  const map = new Map(labels);
  return Object.defineProperty(map, 'toJSON', { value: () => Object.fromEntries(map) });
}
