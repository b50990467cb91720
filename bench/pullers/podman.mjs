import { join } from 'node:path';
import { podman } from '../peers/podman.mjs';

export function podmanPull(folder) {
  const peer = podman(folder, {});
  if (peer === undefined) return undefined;
  return {
    name: 'podman',
    folders: [join(folder, 'podman')],
    pull: (image) => peer.command('pull', '-q', '--tls-verify=false', image),
    remove: (image) => peer.command('rmi', '-f', image),
    start: (image) => peer.command('run', '--rm', '--network', 'none', image),
    stop: peer.stop,
  };
}
