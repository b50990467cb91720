export { announceEnd } from './container-events.ts';
