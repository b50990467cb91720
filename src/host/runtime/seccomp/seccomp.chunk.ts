// What a container without a profile never needs.

export { compileSeccomp, listenerOf } from './compile.ts';
export { parseSeccomp } from './parse.ts';
