// What the removal of a container needs that has volumes.

export { releaseVolumes } from './use-volume.ts';
