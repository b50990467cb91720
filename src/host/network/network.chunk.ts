export { networkEvent } from './network-event.ts';
export { joinNetworks } from './join-networks.ts';
export { leaveNetworks } from './leave-networks.ts';
export { portText } from './port-text.ts';
export { startForwarder } from './start-forwarder.ts';
export { mendLater } from './mend-networks.ts';
export { watchFirewall } from './firewall/watch-firewall.ts';
export { renameInNetworks } from './rename-in-networks.ts';
