export { beginWithHooks } from './begin.ts';
export { ContainerHooks } from './container-hooks.ts';
export { parseHooks } from './parse.ts';
export { runPoststop } from './run-hooks.ts';
