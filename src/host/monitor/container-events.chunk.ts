export { announceEnd } from './container-events.ts';
export { tellMemory, withMemory } from './memory-events.ts';
