import { attempt } from '../kernel/call.ts';
import { fileSystemOf } from '../kernel/stat.ts';
import { readText, readTextIfThere } from '../kernel/files.ts';
import { MACHINE } from '../kernel/numbers.ts';
import { listContainers } from './list-containers.ts';
import { listImages } from './list-images.ts';
import type { Roots } from './roots.ts';
import { VERSION } from './version.ts';

/** include/uapi/linux/magic.h */
const CGROUP2_SUPER_MAGIC = 0x63677270;
const CGROUPS = '/sys/fs/cgroup';
const RUNTIMES = ['crun', 'runc', 'runsc'] as const;
const DIRECTORIES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The engine and the machine in the shape of Docker's own answer (Engine API, SystemInfo), as far as it has those. */
export function systemInfo(roots: Roots): object {
  const containers = listContainers(roots, true);
  const count = (fits: (one: (typeof containers)[number]) => boolean): number =>
    containers.filter(fits).length;
  const running = count(
    ({ state, isPaused }) => (state === 'running' || state === 'restarting') && !isPaused,
  );
  const paused = count(({ isPaused }) => isPaused);
  return {
    ID: idOfMachine(),
    Containers: containers.length,
    ContainersRunning: running,
    ContainersPaused: paused,
    ContainersStopped: containers.length - running - paused,
    Images: listImages(roots).length,
    Driver: 'erofs',
    DriverStatus: [['Layers', formOfLayers(roots)]],
    LoggingDriver: 'k8s-file',
    CgroupDriver: 'cgroupfs',
    CgroupVersion: cgroupVersion(),
    KernelVersion: lineOf('/proc/sys/kernel/osrelease'),
    OperatingSystem: operatingSystem(),
    OSType: 'linux',
    Architecture: MACHINE,
    NCPU: processors(),
    MemTotal: memory(),
    DockerRootDir: roots.store,
    RunRoot: roots.run,
    Name: lineOf('/proc/sys/kernel/hostname'),
    ServerVersion: VERSION,
    Runtimes: { runt: { path: 'runt' }, ...otherRuntimes() },
    DefaultRuntime: 'runt',
    SecurityOptions: ['name=seccomp,profile=default', 'name=cgroupns'],
  };
}

function idOfMachine(): string {
  return (readTextIfThere('/etc/machine-id') ?? '').trim();
}

function lineOf(path: string): string {
  return (readTextIfThere(path) ?? '').trim();
}

/** What was found out for this store; nothing needs to be where the usual form works. */
function formOfLayers({ store }: Roots): string {
  try {
    const { layers } = JSON.parse(readText(`${store}/layer-form.json`)) as { readonly layers?: unknown };
    return typeof layers === 'string' ? layers : 'erofs-file';
  } catch {
    return 'erofs-file';
  }
}

function cgroupVersion(): '1' | '2' {
  return attempt('access', CGROUPS, 0) === 0 && fileSystemOf(CGROUPS) === CGROUP2_SUPER_MAGIC ? '2' : '1';
}

/** os-release(5). */
function operatingSystem(): string {
  const text = readTextIfThere('/etc/os-release') ?? readTextIfThere('/usr/lib/os-release') ?? '';
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(text)?.[1] ?? 'Linux';
}

function processors(): number {
  return readText('/proc/stat').match(/^cpu\d+ /gm)?.length ?? 1;
}

function memory(): number {
  return Number(/^MemTotal:\s+(\d+) kB/m.exec(readText('/proc/meminfo'))?.[1] ?? 0) * 1024;
}

/** Those of others that --runtime finds by name. */
function otherRuntimes(): Readonly<Record<string, { readonly path: string }>> {
  const found = RUNTIMES.flatMap((name) => {
    const directory = DIRECTORIES.find((one) => attempt('access', `${one}/${name}`, 1) === 0);
    return directory === undefined ? [] : [[name, { path: `${directory}/${name}` }] as const];
  });
  return Object.fromEntries(found);
}
