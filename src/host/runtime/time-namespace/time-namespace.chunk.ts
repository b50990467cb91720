// What a container on the host's clocks never needs.

export { forkInTimeNamespace } from './fork.ts';
export { parseTimeOffsets } from './parse.ts';
