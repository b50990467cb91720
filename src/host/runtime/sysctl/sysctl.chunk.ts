// What a container without kernel parameters never needs.

export { parseSysctls } from './parse.ts';
export { refuseOwnNetwork } from './own-network.ts';
export { writeSysctl } from './write.ts';
