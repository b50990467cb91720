import type { IdMaps } from '../../../pure/spec/id-shift.ts';
import type { IdMapping } from '../../../pure/spec/runtime.ts';
import { attempt, retry } from '../../kernel/call.ts';
import { LOCK, O } from '../../kernel/constants.ts';
import { openFile, type Fd } from '../../kernel/files.ts';
import { readConfig } from '../container-config.ts';
import { openContainer } from '../container-status.ts';
import { engineError } from '../errors.ts';
import { allContainers } from '../find-container.ts';
import type { Roots } from '../roots.ts';
import type { IdsWish } from '../run-settings.ts';
import { subordinateIds, type IdRange } from './subordinate-ids.ts';

/** As many as an image may have: nobody's is 65534. */
const USUAL_SIZE = 65_536;
/** Whose ranges are divided among containers, as with podman. */
const POOL = 'containers';

export interface ChosenIds {
  readonly ids: IdMaps | undefined;
  /** To close when the container's configuration is written: until then nobody else chooses. */
  readonly lock: Fd | undefined;
}

/** The ids of a new container. Throws ENGINE_IDS_MISSING. */
export function chooseIds(roots: Roots, wish: IdsWish): ChosenIds {
  switch (wish.kind) {
    case 'host':
      return { ids: undefined, lock: undefined };
    case 'maps':
      return { ids: { uid: wish.uid, gid: wish.gid }, lock: undefined };
    case 'subordinate':
      return {
        ids: {
          uid: inOrder(subordinateIds('/etc/subuid', wish.users)),
          gid: inOrder(subordinateIds('/etc/subgid', wish.groups)),
        },
        lock: undefined,
      };
    case 'auto':
      return chooseFree(roots, wish.size ?? USUAL_SIZE);
  }
}

/** All ranges one after another, from the container's root on. */
function inOrder(ranges: readonly IdRange[]): readonly IdMapping[] {
  let next = 0;
  return ranges.map(({ first, size }) => {
    const mapping = { containerID: next, hostID: first, size };
    next += size;
    return mapping;
  });
}

function chooseFree(roots: Roots, size: number): ChosenIds {
  const lock = openFile(`${roots.store}/ids.lock`, O.RDWR | O.CREAT | O.NOFOLLOW, 0o600);
  try {
    retry('flock', lock.number, LOCK.EX);
    const taken = takenIds(roots);
    const pick = (file: '/etc/subuid' | '/etc/subgid', kind: 'uid' | 'gid'): readonly IdMapping[] => {
      const used = taken.flatMap((maps) => maps[kind]);
      const first = freeIn(subordinateIds(file, POOL), used, size);
      if (first !== undefined) return [{ containerID: 0, hostID: first, size }];
      const text = `No ${size} ids in a row are left of those that ${file} gives to ${POOL}: remove containers, give more, or ask for fewer by --userns=auto:size=N`;
      throw engineError('ENGINE_IDS_MISSING', text);
    };
    return { ids: { uid: pick('/etc/subuid', 'uid'), gid: pick('/etc/subgid', 'gid') }, lock };
  } catch (error) {
    lock.close();
    throw error;
  }
}

function freeIn(ranges: readonly IdRange[], used: readonly IdMapping[], size: number): number | undefined {
  for (const range of ranges) {
    const end = range.first + range.size;
    const inside = used.filter(({ hostID, size: length }) => hostID < end && hostID + length > range.first);
    const starts = [range.first, ...inside.map(({ hostID, size: length }) => hostID + length)];
    const found = starts
      .toSorted((a, b) => a - b)
      .find(
        (start) =>
          start >= range.first &&
          start + size <= end &&
          inside.every(({ hostID, size: length }) => start >= hostID + length || start + size <= hostID),
      );
    if (found !== undefined) return found;
  }
  return undefined;
}

function takenIds(roots: Roots): readonly IdMaps[] {
  return allContainers(roots).flatMap((places) => {
    using directory = openContainer(places);
    // One that is just being made, or was left half made, has none.
    if (directory === undefined || attempt('faccessat', directory.number, 'config.json', 0) < 0) return [];
    try {
      return readConfig(directory.number, places.name).ids ?? [];
    } catch {
      return [];
    }
  });
}
