import { openContainer, statusOf } from './container-status.ts';
import { isPaused } from './paused.ts';
import { pauseContainer, unpauseContainer } from './pause-container.ts';
import { memberPlaces } from './pods/pod-members.ts';
import type { Places } from '../monitor/places.ts';
import type { Roots } from './roots.ts';

/** Freezes what runs in a pod. What fails doesn't keep the others from their turn. */
export function pausePod(roots: Roots, places: Places): readonly unknown[] {
  return membersThat(roots, places, false).flatMap((member) => failureOf(() => pauseContainer(member)));
}

/** Lets them go on. */
export function unpausePod(roots: Roots, places: Places): readonly unknown[] {
  return membersThat(roots, places, true).flatMap((member) => failureOf(() => unpauseContainer(member)));
}

function membersThat(roots: Roots, pod: Places, arePaused: boolean): readonly Places[] {
  return memberPlaces(roots, pod).filter((member) => {
    using directory = openContainer(member);
    if (directory === undefined || statusOf(directory.number).state !== 'running') return false;
    return isPaused(directory.number) === arePaused;
  });
}

function failureOf(work: () => void): readonly unknown[] {
  try {
    work();
    return [];
  } catch (error) {
    return [error];
  }
}
