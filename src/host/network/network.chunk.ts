export { joinNetworks } from './join-networks.ts';
export { leaveNetworks } from './leave-networks.ts';
export { portText } from './port-text.ts';
export { startForwarder } from './start-forwarder.ts';
