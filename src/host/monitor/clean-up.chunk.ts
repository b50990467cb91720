export { releaseEnded, releaseRuntime, removeEnded } from './remove-container.ts';
