// What a process without a scheduling of its own never needs.

export { applyAffinity, applyAttributes } from './apply.ts';
export { parseAttributes } from './parse.ts';
