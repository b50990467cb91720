export { announceEnd } from './container-events.ts';
export { tellMemory } from './memory-events.ts';
