// What the removal of a container needs that has volumes.

export { readClaims, releaseVolumes } from './use-volume.ts';
