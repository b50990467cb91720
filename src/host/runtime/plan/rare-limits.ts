import type { Resources } from '../../../pure/spec/runtime.ts';
import type { Limit } from './limits.ts';

const CHUNK = 'runtime/plan/rare-limits.chunk.js';

/** Limits on block I/O, huge pages, network and RDMA, which are read only where a document has any. */
export function rareLimitsV1(resources: Resources): readonly (readonly [string, readonly Limit[]])[] {
  return hasRare(resources) ? chunk().rareLimitsV1(resources) : [];
}

export function rareLimitsV2(resources: Resources): readonly Limit[] {
  return hasRare(resources) ? chunk().rareLimitsV2(resources) : [];
}

function hasRare({ blockIO, hugepageLimits, network, rdma }: Resources): boolean {
  return (blockIO ?? hugepageLimits ?? network ?? rdma) !== undefined;
}

function chunk(): typeof import('./rare-limits.chunk.ts') {
  return load(CHUNK) as typeof import('./rare-limits.chunk.ts');
}
