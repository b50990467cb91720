import { attempt, isSysError } from '../../kernel/call.ts';
import { LOCK } from '../../kernel/constants.ts';
import { readDirectory, type Fd } from '../../kernel/files.ts';
import type { Places } from '../../monitor/places.ts';
import { allContainers } from '../find-container.ts';
import { MEMBERS_FOLDER } from './announce-member.ts';
import type { Roots } from '../roots.ts';

/** The IDs of a pod's containers, and of some that are gone. */
export function memberIds({ directory }: Places): ReadonlySet<string> {
  try {
    return new Set(readDirectory(`${directory}/${MEMBERS_FOLDER}`));
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return new Set();
    throw error;
  }
}

/** The containers that are in a pod. */
export function memberPlaces(roots: Roots, pod: Places): readonly Places[] {
  const ids = memberIds(pod);
  return ids.size === 0 ? [] : allContainers(roots).filter(({ id }) => ids.has(id));
}

/** Forgets those that are gone, unless somebody else is just making one: `lock` is the pod's, shared so far. */
export function forgetGone(roots: Roots, pod: Places, lock: Fd): void {
  if (attempt('flock', lock.number, LOCK.EX | LOCK.NB) !== 0) return;
  const there = new Set(memberPlaces(roots, pod).map(({ id }) => id));
  for (const id of memberIds(pod)) {
    if (!there.has(id)) attempt('unlink', `${pod.directory}/${MEMBERS_FOLDER}/${id}`);
  }
}
