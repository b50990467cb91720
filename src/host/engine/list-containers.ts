import type { Journal } from '../monitor/journal.ts';
import { openContainer, statusOf, type ContainerState } from './container-status.ts';
import { allContainers } from './find-container.ts';
import { isPaused } from './paused.ts';
import type { Roots } from './roots.ts';

export interface ListedContainer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly command: string;
  /** RFC 3339, as the others. */
  readonly created: string;
  readonly state: ContainerState;
  readonly isPaused: boolean;
  readonly started: string | undefined;
  readonly finished: string | undefined;
  readonly exitCode: number | undefined;
  /** What its health checks have shown; undefined where there are none. */
  readonly health: Journal['health'];
  /** Published ports in words. */
  readonly ports: string;
}

/** Every container, newest first; `isAll` includes those that don't run. */
export function listContainers(roots: Roots, isAll: boolean): readonly ListedContainer[] {
  const listed = allContainers(roots).flatMap((places) => {
    using directory = openContainer(places);
    // Nothing but its name is there: about to be made, or left so by a command that was killed.
    if (directory === undefined) return isAll ? [unmade(places)] : [];
    const { state, journal } = statusOf(directory.number);
    if (!isAll && (state === 'created' || state === 'exited')) return [];
    const { created, started, exited } = journal;
    if (created === undefined) return [unmade(places)];
    const { image, command, time } = created;
    const { id, name } = places;
    return [
      {
        id,
        name,
        image,
        command,
        created: time,
        state,
        isPaused: state === 'running' && isPaused(directory.number),
        health: state === 'running' ? journal.health : undefined,
        started: started?.time,
        finished: exited?.time,
        exitCode: exited?.code,
        ports: state === 'running' || state === 'lost' ? (started?.ports ?? '') : '',
      },
    ];
  });
  return listed.toSorted((a, b) => (a.created < b.created ? 1 : a.created > b.created ? -1 : 0));
}

function unmade({ id, name }: { readonly id: string; readonly name: string }): ListedContainer {
  return {
    id,
    name,
    image: '',
    command: '',
    created: '',
    state: 'created',
    isPaused: false,
    started: undefined,
    finished: undefined,
    exitCode: undefined,
    health: undefined,
    ports: '',
  };
}
