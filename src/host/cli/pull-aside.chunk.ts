import { pullAside as pullBeside, type Pulling } from '../engine/pull-image.ts';
import type { Roots } from '../engine/roots.ts';

/** Loaded only when `run` has to pull. */
export function pullAside(roots: Roots, pulling: Pulling): string | undefined {
  return pullBeside(roots, pulling);
}
