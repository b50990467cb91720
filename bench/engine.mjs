// `node bench/engine.mjs [ROUNDS] [--lone]`: `run --rm hello` without a network and in a bridge's, `exec` in a container
// of that, `ps` and `--help` of corten against Debian's podman (on crun) and docker, with stores and a network namespace of
// their own; then what a monitor costs while its container idles, against conmon. --lone pauses 150 ms before each
// command, as when a person types one.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interleave, print } from './interleaved.mjs';
import { corten } from './peers/corten.mjs';
import { docker } from './peers/docker.mjs';
import { podman } from './peers/podman.mjs';
import { enterPrivateMounts } from './private-mounts.mjs';
import { memoryOf, processesCalled } from './processes.mjs';

const HELLO = new URL('../native-target/hello', import.meta.url).pathname;
const IDLE_CONTAINERS = 10;
const IN_BRIDGE = ['run', '-d', '--network', 'bridge', '--name', 'bench-exec', 'idle'];

/** How long what the engines clean up behind their commands may take. */
const GONE_WITHIN_MS = 10_000;

if (enterPrivateMounts(true)) await main();

async function main() {
  const rounds = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 30);
  const pause = process.argv.includes('--lone') ? 150 : 0;
  const folder = mkdtempSync(join(tmpdir(), 'corten-bench-engine-'));
  const engines = [];
  try {
    const archives = makeArchives(folder);
    for (const start of [corten, podman, docker]) {
      const engine = await Promise.resolve(start(folder, archives, { hasNetwork: true }));
      if (engine === undefined) console.log(`${start.name} is not installed: left out`);
      else engines.push(engine);
    }
    for (const { command } of engines) execFileSync(...spread(command(...IN_BRIDGE)));
    const subjects = engines.map(({ name, command }) => ({
      name,
      steps: [
        { name: 'run --rm hello', command: command('run', '--rm', '--network', 'none', 'hello') },
        { name: 'the same, bridge', command: command('run', '--rm', '--network', 'bridge', 'hello') },
        { name: 'exec', command: command('exec', 'bench-exec', '/hello', 'end') },
        { name: 'ps', command: command('ps') },
        { name: '--help', command: command('--help') },
      ],
    }));
    print(interleave({ subjects, rounds, pause }), engines.map(({ name }) => name).slice(1));
    for (const engine of engines) removeBridged(engine);
    await interfacesGone();
    for (const engine of engines) await printIdleCost(engine);
  } finally {
    for (const engine of engines) await Promise.resolve(engine.stop());
    rmSync(folder, { recursive: true });
  }
}

/** The same image in both forms, with a program besides that waits. */
function makeArchives(folder) {
  const context = join(folder, 'image');
  mkdirSync(context);
  // Without an argument it waits.
  const source = '#include <unistd.h>\nint main(int count, char **words){while(count==1)pause();return 0;}';
  writeFileSync(join(folder, 'idle.c'), source);
  execFileSync('cc', ['-O1', '-static', '-o', join(folder, 'idle'), join(folder, 'idle.c')]);
  const script = new URL('../scripts/hello-image.mjs', import.meta.url).pathname;
  const archives = {};
  for (const [name, program] of [
    ['hello', HELLO],
    ['idle', join(folder, 'idle')],
  ]) {
    const oci = join(folder, `${name}.oci.tar`);
    writeFileSync(oci, execFileSync(process.execPath, [script, program, `${name}:latest`]));
    const other = join(folder, `${name}.docker.tar`);
    execFileSync('skopeo', [
      '--insecure-policy',
      'copy',
      '-q',
      `oci-archive:${oci}`,
      `docker-archive:${other}:${name}:latest`,
    ]);
    archives[name] = { oci, docker: other };
  }
  return archives;
}

/** After the last command nothing is left but the container of `exec`, which goes now. */
function removeBridged({ name, command }) {
  const [program, ...args] = command('ps', '-a', '-q');
  const ids = execFileSync(program, args, { encoding: 'utf8' }).trim().split('\n');
  if (ids.length !== 1) throw new Error(`${name} has left ${ids.length - 1} containers behind`);
  execFileSync(...spread(command('rm', '-f', 'bench-exec')));
}

/** Of containers no interface is left either. */
async function interfacesGone() {
  for (let waited = 0; ; waited += 100) {
    const left = execFileSync('ip', ['-o', 'link', 'show', 'type', 'veth'], { encoding: 'utf8' });
    if (left === '') return;
    if (waited > GONE_WITHIN_MS) throw new Error(`Left behind: ${left}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Private dirty KiB of the processes that stay with an idle container. */
async function printIdleCost({ name, command, keeper }) {
  const names = Array.from({ length: IDLE_CONTAINERS }, (_, at) => `bench-idle-${at}`);
  for (const id of names)
    spawnSync(...spread(command('run', '-d', '--network', 'none', '--name', id, 'idle')));
  await new Promise((resolve) => setTimeout(resolve, 2000));
  execFileSync('sync');
  const costs = processesCalled(keeper).map((pid) => memoryOf(pid).Private_Dirty);
  const sum = costs.reduce((total, cost) => total + cost, 0);
  console.log(
    `idle: ${name}: ${costs.length} processes "${keeper}", ${(sum / IDLE_CONTAINERS).toFixed(0)} KiB private dirty a container`,
  );
  for (const id of names) spawnSync(...spread(command('rm', '-f', id)));
}

function spread([program, ...args]) {
  return [program, args, { stdio: 'ignore' }];
}
