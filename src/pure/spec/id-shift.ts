import type { IdMapping } from './runtime.ts';

/** Which ids of the host those of a container are. */
export interface IdMaps {
  readonly uid: readonly IdMapping[];
  readonly gid: readonly IdMapping[];
}

/** Whose a file is, in the numbers of the other side. */
export interface IdShift {
  readonly uid: (id: number) => number;
  readonly gid: (id: number) => number;
}

/** As the kernel shows an id that has no mapping. */
const NOBODY = 65_534;

/** From the host's ids to the container's. */
export function toContainer({ uid, gid }: IdMaps): IdShift {
  return { uid: (id) => shifted(uid, id, 'hostID'), gid: (id) => shifted(gid, id, 'hostID') };
}

/** From the container's ids to the host's. */
export function toHost({ uid, gid }: IdMaps): IdShift {
  return { uid: (id) => shifted(uid, id, 'containerID'), gid: (id) => shifted(gid, id, 'containerID') };
}

function shifted(map: readonly IdMapping[], id: number, from: 'hostID' | 'containerID'): number {
  const to = from === 'hostID' ? 'containerID' : 'hostID';
  const found = map.find((one) => id >= one[from] && id < one[from] + one.size);
  return found === undefined ? NOBODY : found[to] + id - found[from];
}
