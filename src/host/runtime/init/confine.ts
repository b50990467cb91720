import type { ProcessPlan } from '../plan/process.ts';
import type { Listener } from '../seccomp/filter.ts';
import type { Confinement } from './confinement.ts';
import type { Birth } from './filter-request.ts';

type Chunk = typeof import('./confinement.chunk.ts');

/** Without a filter there is nothing to prepare. `hookCount`: how many hooks will be under it before the program. */
export function confine(
  process: ProcessPlan,
  filter: { readonly listener: Listener | undefined } | undefined,
  hookCount = 0,
): Confinement | undefined {
  if (filter === undefined) return undefined;
  const chunk = load('runtime/init/confinement.chunk.js') as Chunk;
  return new chunk.Confinement(process, filter.listener, hookCount);
}

/** The stub's content where it makes a child for a program without a filter. */
export function stubWithBirth(birth: Birth): Uint8Array {
  return (load('runtime/init/confinement.chunk.js') as Chunk).stubWithBirth(birth);
}
