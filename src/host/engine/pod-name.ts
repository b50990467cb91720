import { allPods } from './find-pod.ts';
import type { Roots } from './roots.ts';

/** What a pod is called, by its ID; empty for one that is gone. */
export function podName(roots: Roots, id: string): string {
  return allPods(roots).find((pod) => pod.id === id)?.name ?? '';
}

/** Whether a pod, by its ID, is the one that a user means by a name or the first digits of an ID. */
export function isPod(roots: Roots, id: string, wanted: string): boolean {
  return wanted !== '' && (id.startsWith(wanted) || podName(roots, id) === wanted);
}
