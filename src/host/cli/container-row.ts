import type { ListedContainer } from '../engine/list-containers.ts';
import { ageOf } from './human-time.ts';

const SHORT_ID = 12;
const SHORT_COMMAND = 20;

/** A container as docker's lists show it, with the names that its JSON has. */
export interface Row {
  readonly Command: string;
  readonly CreatedAt: string;
  readonly ID: string;
  readonly Image: string;
  readonly Labels: string;
  readonly LocalVolumes: string;
  readonly Mounts: string;
  readonly Names: string;
  /** Where its pod was looked for: that one's ID and name, as podman calls them. */
  readonly Pod?: string;
  readonly PodName?: string;
  readonly Networks: string;
  readonly Ports: string;
  readonly RunningFor: string;
  readonly Size: string;
  readonly State: string;
  readonly Status: string;
}

/** As far as the container's journal knows it. */
export function rowOf(container: ListedContainer, isWhole: boolean, now: number): Row {
  const { id, image, command, created, name } = container;
  const isLong = !isWhole && command.length > SHORT_COMMAND;
  return {
    Command: JSON.stringify(isLong ? `${command.slice(0, SHORT_COMMAND - 1)}…` : command),
    CreatedAt: created,
    ID: isWhole ? id : id.slice(0, SHORT_ID),
    Image: image,
    Labels: '',
    LocalVolumes: '0',
    Mounts: '',
    Names: name,
    Networks: '',
    Ports: container.ports,
    RunningFor: created === '' ? '' : `${ageOf(created, now)} ago`,
    Size: '0B',
    State: container.isPaused ? 'paused' : container.state,
    Status: statusText(container, now),
  };
}

function statusText(container: ListedContainer, now: number): string {
  const { state, started, finished, exitCode } = container;
  switch (state) {
    case 'created':
      return 'Created';
    case 'running':
      return `Up ${ageOf(started ?? '', now)}${conditionOf(container)}`;
    case 'restarting':
      return `Restarting (${exitCode}) ${ageOf(finished ?? '', now)} ago`;
    case 'exited':
      return `Exited (${exitCode}) ${ageOf(finished ?? '', now)} ago`;
    case 'lost':
      return 'Lost (its monitor was killed)';
  }
}

function conditionOf({ isPaused, health }: ListedContainer): string {
  if (isPaused) return ' (Paused)';
  if (health === undefined) return '';
  return health === 'starting' ? ' (health: starting)' : ` (${health})`;
}
