// `node bench/pull.mjs [ROUNDS] [--megabytes N] [--layers N] [--without NAME]...`: pull and removal of an image of the machine's own files
// (200 MB in seven layers) from Debian's docker-registry on loopback, by corten and by Debian's podman, docker, ctr,
// and skopeo with umoci, each into a store that is empty but for itself; then the memory that each takes.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DebianRegistry } from '../test/registry/debian-registry.ts';
import { interleave, print } from './interleaved.mjs';
import { layeredImage } from './layered-image.mjs';
import { peakMemory } from './memory-of.mjs';
import { podman } from './peers/podman.mjs';
import { docker } from './peers/docker.mjs';
import { enterPrivateMounts } from './private-mounts.mjs';

const CORTEN = new URL('../bin/corten', import.meta.url).pathname;
const CONTAINERD = '/usr/bin/containerd';
const READY_TRIES = 100;

const SUBJECTS = {
  corten: cortenPull,
  podman: podmanPull,
  docker: dockerPull,
  ctr: ctrPull,
  umoci: skopeoAndUmoci,
};

if (enterPrivateMounts()) await main();

async function main() {
  const rounds = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? 5);
  const folder = mkdtempSync(join(tmpdir(), 'corten-bench-pull-'));
  using registry = await DebianRegistry.start();
  const stops = [];
  try {
    const image = layeredImage(folder, {
      name: 'layered',
      layers: optionOf('--layers', 7),
      kilobytes: optionOf('--megabytes', 200) * 1000,
    });
    console.log(`${image.files} entries`);
    await registry.fill(image.source, 'layered:latest');
    const reference = `${registry.host}/layered:latest`;
    const subjects = [];
    for (const [name, make] of Object.entries(SUBJECTS)) {
      if (process.argv.some((word, index) => word === name && process.argv[index - 1] === '--without'))
        continue;
      const subject = await make(folder, reference);
      if (subject === undefined) continue;
      subjects.push(subject);
      stops.push(subject.stop ?? (() => undefined));
    }
    print(interleave({ subjects, rounds }), ['podman']);
    await printMemory(subjects);
  } finally {
    for (const stop of stops) await stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function optionOf(name, standard) {
  const at = process.argv.indexOf(name);
  return at < 0 ? standard : Number(process.argv[at + 1]);
}

async function printMemory(subjects) {
  console.log('\n| subject | peak memory of all its processes, MiB |\n|---|---|');
  for (const { name, steps, daemons = () => [] } of subjects) {
    const [pull, remove] = steps;
    console.log(`| ${name} | ${(await peakMemory(pull.command, daemons())).toFixed(1)} |`);
    spawnSync(remove.command[0], remove.command.slice(1), { stdio: 'ignore' });
  }
}

/** Written out at both ends, so that nobody pays for what another has left to write. */
function stepsOf(pull, remove) {
  const flush = { name: 'flush', isUncounted: true, command: ['/bin/sync'] };
  return [{ name: 'pull', command: pull }, { name: 'remove', command: remove }, flush];
}

function cortenPull(folder, reference) {
  const roots = [`CORTEN_ROOT=${join(folder, 'corten')}`, `CORTEN_RUN=${join(folder, 'corten-run')}`];
  const command = (...args) => ['/usr/bin/env', ...roots, CORTEN, ...args];
  return { name: 'corten', steps: stepsOf(command('pull', '-q', reference), command('rmi', reference)) };
}

function podmanPull(folder, reference) {
  const peer = podman(folder, {});
  if (peer === undefined) return undefined;
  const pull = peer.command('pull', '-q', '--tls-verify=false', reference);
  return { name: 'podman', steps: stepsOf(pull, peer.command('rmi', '-f', reference)), stop: peer.stop };
}

async function dockerPull(folder, reference) {
  const peer = await docker(folder, {});
  if (peer === undefined) return undefined;
  const pidFile = join(folder, 'docker/pid');
  return {
    name: 'docker',
    steps: stepsOf(peer.command('pull', '-q', reference), peer.command('rmi', '-f', reference)),
    stop: peer.stop,
    daemons: () => [Number(execFileSync('cat', [pidFile], { encoding: 'utf8' }))],
  };
}

async function ctrPull(folder, reference) {
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
  for (let tries = 0; tries < READY_TRIES; tries++) {
    const [program, ...args] = command('version');
    if (spawnSync(program, args, { stdio: 'ignore' }).status === 0) break;
    await sleep(100);
  }
  return {
    name: 'ctr',
    steps: stepsOf(
      command('images', 'pull', '--plain-http', reference),
      command('images', 'rm', '--sync', reference),
    ),
    daemons: () => [daemon.pid],
    stop: () => {
      const ended = new Promise((resolve) => daemon.once('exit', resolve));
      daemon.kill('SIGTERM');
      return ended;
    },
  };
}

function skopeoAndUmoci(folder, reference) {
  const [layout, bundle] = ['skopeo', 'umoci'].map((name) => join(folder, name));
  const script = `skopeo copy -q --insecure-policy --src-tls-verify=false docker://${reference} oci:${layout}:a && umoci unpack --image ${layout}:a ${bundle}`;
  return {
    name: 'skopeo + umoci',
    steps: stepsOf(['/bin/sh', '-c', script], ['/bin/rm', '-rf', layout, bundle]),
  };
}
