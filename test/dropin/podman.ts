import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../runtime/programs.ts';
import { removeCgroupTree } from './cgroup-parent.ts';
import { busyboxTar } from './image.ts';
import { MountNamespace } from './mount-namespace.ts';
import type { PeerEngine } from './peer.ts';
import { chosenRuntime } from './runtimes.ts';

/** A root without CAP_SYS_RESOURCE may not raise hard limits, and there is no systemd. */
const CONFIG = `[containers]
default_ulimits=["nofile=1024:4096","nproc=4096:4096"]
[engine]
cgroup_manager="cgroupfs"
events_logger="file"
`;

/** Debian's podman with a store and state of its own, and the image busybox. */
export async function startPodman(): Promise<PeerEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'dropin-podman-'));
  const runtime = chosenRuntime();
  const namespace = await MountNamespace.make(runtime.name, folder);
  writeFileSync(join(folder, 'containers.conf'), CONFIG);
  const places = ['--root', 'store', '--runroot', 'run', '--tmpdir', 'tmp'].map((word) =>
    word.startsWith('--') ? word : join(folder, word),
  );
  writeHooks(folder);
  const base = [
    'env',
    `CONTAINERS_CONF=${folder}/containers.conf`,
    'podman',
    ...places,
    '--runtime',
    runtime.path,
    '--hooks-dir',
    join(folder, 'hooks'),
  ];
  const command = (args: readonly string[]): readonly string[] => namespace.around([...base, ...args]);
  const parent = `corten-dropin-podman-${process.pid}`;
  const imported = runCommand(command(['import', '--quiet', busyboxTar(folder), 'busybox']));
  assert.equal(imported.code, 0, imported.stderr);
  return {
    name: 'podman',
    folder,
    runFlags: ['--network', 'none', '--cgroup-parent', `/${parent}`],
    command,
    close: async () => {
      runCommand(command(['rm', '--all', '--force', '--time', '0']));
      runCommand(command(['umount', '--all']));
      await namespace.end();
      removeCgroupTree(parent);
      rmSync(folder, { recursive: true });
    },
  };
}

/** oci-hooks(5): one for containers with the annotation `dropin.fail`, one for those with `dropin.note`. */
function writeHooks(folder: string): void {
  const write = (name: string, hook: object): void => {
    const when = { annotations: { [`^dropin[.]${name}$`]: '.*' } };
    writeFileSync(
      join(folder, 'hooks', `${name}.json`),
      JSON.stringify({ version: '1.0.0', hook, when, stages: ['prestart'] }),
    );
  };
  mkdirSync(join(folder, 'hooks'));
  write('fail', { path: '/bin/sh', args: ['sh', '-c', 'echo this hook says no >&2; exit 9'] });
  write('note', { path: '/bin/sh', args: ['sh', '-c', `cat > ${folder}/state.json`] });
}
