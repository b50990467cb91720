import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../engine/engine.ts';
import { runCommand } from '../runtime/programs.ts';
import { removeCgroupTree } from './cgroup-parent.ts';
import { busyboxTar } from './image.ts';
import { MountNamespace } from './mount-namespace.ts';
import type { PeerEngine } from './peer.ts';
import { chosenRuntime } from './runtimes.ts';

/** Debian's dockerd on a socket of its own, without a bridge, so that the machine's network stays as it is. */
export async function startDocker(): Promise<PeerEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'dropin-docker-'));
  const runtime = chosenRuntime();
  const namespace = await MountNamespace.make(runtime.name, folder);
  const parent = `corten-dropin-docker-${process.pid}`;
  writeFileSync(join(folder, 'daemon.json'), JSON.stringify(configOf(folder, parent, runtime.path)));
  const log = openSync(join(folder, 'log'), 'w');
  const [program = '', ...args] = namespace.around(['dockerd', '--config-file', join(folder, 'daemon.json')]);
  const daemon = spawn(program, args, { stdio: ['ignore', log, log] });
  const command = (words: readonly string[]): readonly string[] =>
    namespace.around(['/usr/bin/docker', '--host', `unix://${folder}/docker.sock`, ...words]);
  await until('an answer of dockerd', () => {
    if (daemon.exitCode !== null) assert.fail(readFileSync(join(folder, 'log'), 'utf8').slice(-2000));
    return runCommand(command(['version'])).code === 0;
  });
  const imported = runCommand(command(['import', busyboxTar(folder), 'busybox']));
  assert.equal(imported.code, 0, imported.stderr);
  return {
    name: 'docker',
    folder,
    runFlags: ['--network', 'host'],
    command,
    close: async () => {
      const ids = runCommand(command(['ps', '--all', '--quiet']))
        .stdout.split('\n')
        .filter((id) => id !== '');
      if (ids.length > 0) runCommand(command(['rm', '--force', ...ids]));
      await end(daemon);
      await namespace.end();
      removeCgroupTree(parent);
      rmSync(folder, { recursive: true });
    },
  };
}

function configOf(folder: string, parent: string, path: string): object {
  return {
    hosts: [`unix://${folder}/docker.sock`],
    'data-root': `${folder}/data`,
    'exec-root': `${folder}/exec`,
    pidfile: `${folder}/pid`,
    bridge: 'none',
    iptables: false,
    ip6tables: false,
    'cgroup-parent': `/${parent}`,
    'default-runtime': 'chosen',
    runtimes: { chosen: { path } },
  };
}

async function end(daemon: ChildProcess): Promise<void> {
  const ended = once(daemon, 'exit');
  daemon.kill('SIGTERM');
  await ended;
}
