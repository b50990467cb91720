// What the flags of `run` and `create` ask for that few containers need.

export { parsePod } from './parse-pod.ts';
export { readListFiles } from './list-files.ts';
export { withMoreLimits } from './parse-limits.ts';
export { parseRestart } from './parse-supervision.ts';
export { cgroupParentOf, parseSettings } from './parse-settings.ts';
export { parseVolumes } from './parse-volumes.ts';
