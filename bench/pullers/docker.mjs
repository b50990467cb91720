import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { docker } from '../peers/docker.mjs';

export async function dockerPull(folder) {
  const peer = await docker(folder, {});
  if (peer === undefined) return undefined;
  return {
    name: 'docker',
    folders: [join(folder, 'docker')],
    pull: (image) => peer.command('pull', '-q', image),
    remove: (image) => peer.command('rmi', '-f', image),
    start: (image) => peer.command('run', '--rm', '--network', 'none', image),
    stop: peer.stop,
    daemons: () => [Number(readFileSync(join(folder, 'docker/pid'), 'utf8'))],
  };
}
