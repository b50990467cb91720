export { releaseEnded, removeEnded } from './remove-container.ts';
