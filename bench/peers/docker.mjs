import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const DOCKERD = '/usr/sbin/dockerd';
const READY_WITHIN_MS = 20_000;

/**
 * Debian's dockerd on a socket of its own, without a bridge, so that the machine's network stays as it is, unless this
 * network is the program's own.
 */
export async function docker(folder, archives, { hasNetwork = false } = {}) {
  if (!existsSync(DOCKERD)) return undefined;
  const home = join(folder, 'docker');
  mkdirSync(home);
  const host = `unix://${home}/docker.sock`;
  const log = openSync(join(home, 'log'), 'w');
  const paths = ['--data-root', `${home}/data`, '--exec-root', `${home}/exec`, '--pidfile', `${home}/pid`];
  const network = hasNetwork ? [] : ['--bridge', 'none', '--iptables=false', '--ip6tables=false'];
  const daemon = spawn(DOCKERD, ['-H', host, ...paths, ...network], { stdio: ['ignore', log, log] });
  const command = (...args) => ['/usr/bin/docker', '-H', host, ...args];
  await readiness(command, daemon);
  for (const { docker: archive } of Object.values(archives)) {
    const [program, ...args] = command('load', '-q', '-i', archive);
    execFileSync(program, args, { stdio: 'ignore' });
  }
  return {
    name: 'docker',
    command,
    keeper: 'containerd-shim-runc-v2',
    others: ['docker-proxy'],
    stop: () => end(daemon),
  };
}

async function readiness(command, daemon) {
  const [program, ...args] = command('version');
  for (let waited = 0; waited < READY_WITHIN_MS; waited += 200) {
    if (spawnSync(program, args, { stdio: 'ignore' }).status === 0) return;
    if (daemon.exitCode !== null) throw new Error(`dockerd ended with ${daemon.exitCode}`);
    await sleep(200);
  }
  throw new Error('dockerd does not answer');
}

function end(daemon) {
  const ended = new Promise((resolve) => daemon.once('exit', resolve));
  daemon.kill('SIGTERM');
  return ended;
}
