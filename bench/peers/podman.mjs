import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PODMAN = '/usr/bin/podman';

/** Debian's podman with crun and a store of its own. */
export function podman(folder, archives) {
  if (!existsSync(PODMAN)) return undefined;
  const file = join(folder, 'containers.conf');
  // Root in a sandboxed machine may not raise hard limits, and has no systemd.
  const limits = '"nofile=1024:4096","nproc=4096:4096"';
  writeFileSync(
    file,
    `[containers]\ndefault_ulimits=[${limits}]\n[engine]\ncgroup_manager="cgroupfs"\nevents_logger="file"\nruntime="crun"\n[network]\nnetwork_backend="netavark"\n`,
  );
  process.env.CONTAINERS_CONF = file;
  const base = [
    PODMAN,
    '--root',
    join(folder, 'podman'),
    '--runroot',
    join(folder, 'podman-run'),
    '--tmpdir',
    join(folder, 'podman-tmp'),
  ];
  for (const { oci } of Object.values(archives))
    execFileSync(base[0], [...base.slice(1), 'load', '-q', '-i', oci], { stdio: 'ignore' });
  return {
    name: 'podman',
    command: (...args) => [...base, ...args],
    keeper: 'conmon',
    others: ['aardvark-dns'],
    stop: () => unmountStore(base),
  };
}

function unmountStore([program, ...args]) {
  execFileSync(program, [...args, 'system', 'reset', '-f'], { stdio: 'ignore' });
}
