import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../engine/engine.ts';
import { runCommand, type Outcome, type Running } from '../runtime/programs.ts';
import { removeCgroupTree } from './cgroup-parent.ts';
import { busyboxTar, ociArchive } from './image.ts';
import { MountNamespace } from './mount-namespace.ts';
import { chosenRuntime } from './runtimes.ts';

export const IMAGE = 'docker.io/library/busybox:latest';
/** What holds a pod's namespaces. */
const PAUSE = 'docker.io/library/pause:latest';

type Ctr = (words: readonly string[]) => Outcome;

export interface Containerd {
  readonly folder: string;
  readonly socket: string;
  /** containerd's namespace for the containers of ctr, and the cgroup above them. */
  readonly namespace: string;
  readonly ctr: (args: readonly string[], running?: Running) => Outcome;
  readonly command: (args: readonly string[]) => readonly string[];
  readonly close: () => Promise<void>;
}

/** Debian's containerd with all that it has in a folder, and the images for ctr and for the CRI. */
export async function startContainerd(): Promise<Containerd> {
  const folder = mkdtempSync(join(tmpdir(), 'dropin-ctrd-'));
  const runtime = chosenRuntime();
  const mounts = await MountNamespace.make(runtime.name, folder);
  const socket = join(folder, 'containerd.sock');
  writeFileSync(join(folder, 'config.toml'), configOf(folder, runtime.path));
  const log = openSync(join(folder, 'log'), 'w');
  const [program = '', ...args] = mounts.around(['containerd', '--config', join(folder, 'config.toml')]);
  const daemon = spawn(program, args, { stdio: ['ignore', log, log] });
  const namespace = `corten-dropin-ctr-${process.pid}`;
  const command = (words: readonly string[]): readonly string[] =>
    mounts.around(['ctr', '--address', socket, '--namespace', namespace, ...words]);
  const ctr = (words: readonly string[], running: Running = {}): Outcome =>
    runCommand(command(words), running);
  await until('an answer of containerd', () => {
    if (daemon.exitCode !== null) assert.fail(readFileSync(join(folder, 'log'), 'utf8').slice(-2000));
    return ctr(['version']).code === 0;
  });
  const anyCtr: Ctr = (words) => runCommand(mounts.around(['ctr', '--address', socket, ...words]));
  importImages(folder, anyCtr, namespace);
  return {
    folder,
    socket,
    namespace,
    ctr,
    command,
    close: async () => {
      for (const name of [namespace, 'k8s.io']) endTasks((words) => anyCtr(['--namespace', name, ...words]));
      const ended = once(daemon, 'exit');
      daemon.kill('SIGTERM');
      await ended;
      await mounts.end();
      removeCgroupTree(namespace);
      rmSync(folder, { recursive: true });
    },
  };
}

function configOf(folder: string, binary: string): string {
  mkdirSync(join(folder, 'cni'));
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${folder}/root"
state = "${folder}/state"
[grpc]
  address = "${folder}/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "${folder}/opt"
[${cri}]
  sandbox_image = "${PAUSE}"
  restrict_oom_score_adj = true
[${cri}.cni]
  conf_dir = "${folder}/cni"
[${cri}.containerd]
  default_runtime_name = "chosen"
[${cri}.containerd.runtimes.chosen]
  runtime_type = "io.containerd.runc.v2"
[${cri}.containerd.runtimes.chosen.options]
  BinaryName = "${binary}"
`;
}

/** What a test that failed has left running. */
function endTasks(ctr: Ctr): void {
  const ids = ctr(['tasks', 'list', '--quiet']).stdout.split('\n');
  for (const id of ids.filter((line) => line !== '')) {
    ctr(['tasks', 'kill', '--signal', 'KILL', '--all', id]);
    ctr(['tasks', 'delete', '--force', id]);
  }
}

function importImages(folder: string, ctr: Ctr, namespace: string): void {
  const layer = busyboxTar(folder);
  const images: readonly (readonly [string, string, readonly string[]])[] = [
    [namespace, IMAGE, ['sh']],
    ['k8s.io', IMAGE, ['sh']],
    ['k8s.io', PAUSE, ['sleep', '1000000']],
  ];
  for (const [target, name, command] of images) {
    const archive = ociArchive({ folder: mkdtempSync(join(folder, 'image-')), layer, name, command });
    const { code, stderr } = ctr(['--namespace', target, 'images', 'import', archive]);
    assert.equal(code, 0, stderr);
  }
}
