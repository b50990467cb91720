export { processesBeside } from './processes.ts';
export { ownFolder } from './own-folder.ts';
export { ownerName } from './owner-name.ts';
export { refuseLimits } from './refuse-limits.ts';
export { shownCgroups } from './shown-cgroups.ts';
export { mountOtherwise } from './mount-otherwise.ts';
