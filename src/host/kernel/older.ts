import { loadOlder } from './load-older.ts';

type OlderCalls = typeof import('./older.chunk.ts');

/** What older kernels do in the place of recent calls; read where one of those is refused. */
export function olderCalls(): OlderCalls {
  return loadOlder() as OlderCalls;
}
