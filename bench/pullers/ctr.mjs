import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const CONTAINERD = '/usr/bin/containerd';
const READY_TRIES = 100;

/** Debian's containerd on a socket of its own. */
export async function ctrPull(folder) {
  if (!existsSync(CONTAINERD)) return undefined;
  const home = join(folder, 'containerd');
  mkdirSync(home);
  const socket = join(home, 'socket');
  const config = join(home, 'config.toml');
  writeFileSync(
    config,
    `version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\naddress = "${socket}"\n`,
  );
  const log = openSync(join(home, 'log'), 'w');
  const paths = ['--config', config, '--root', join(home, 'root'), '--state', join(home, 'state')];
  const daemon = spawn(CONTAINERD, paths, { stdio: ['ignore', log, log] });
  const command = (...args) => ['/usr/bin/ctr', '-a', socket, ...args];
  await readiness(command('version'));
  return {
    name: 'ctr',
    folders: [join(home, 'root')],
    pull: (image) => command('images', 'pull', '--plain-http', image),
    remove: (image) => command('images', 'rm', '--sync', image),
    start: (image) => command('run', '--rm', image, 'bench'),
    daemons: () => [daemon.pid],
    stop: () => {
      const ended = new Promise((resolve) => daemon.once('exit', resolve));
      daemon.kill('SIGTERM');
      return ended;
    },
  };
}

async function readiness([program, ...args]) {
  for (let tries = 0; tries < READY_TRIES; tries++) {
    if (spawnSync(program, args, { stdio: 'ignore' }).status === 0) return;
    await sleep(100);
  }
  throw new Error('containerd does not answer');
}
