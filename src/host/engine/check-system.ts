import { becomeNodeProgram } from './become-node-program.ts';
import type { Roots } from './roots.ts';

export interface Checking {
  readonly isRepairing: boolean;
  /** Whether sizes are enough. */
  readonly isQuick: boolean;
}

/** Checks the store, and ends this process with the exit code: 1 if something was wrong. */
export function checkSystem(roots: Roots, { isRepairing, isQuick }: Checking): never {
  const words = ['check', ...(isRepairing ? ['--repair'] : []), ...(isQuick ? ['--quick'] : [])];
  becomeNodeProgram(roots, { words, hasNetwork: false, readable: [] }, environ());
}
