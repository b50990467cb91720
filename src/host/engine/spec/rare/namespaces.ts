import type { Mount, Namespace, NamespaceType, Spec } from '../../../../pure/spec/runtime.ts';
import { isSysError, sys } from '../../../kernel/call.ts';
import { AT, CLONE, O } from '../../../kernel/constants.ts';
import { openFile, type Fd } from '../../../kernel/files.ts';
import { cloneTree } from '../../../kernel/mounts.ts';
import { exists } from '../../../monitor/places.ts';
import { openContainer, statusOf } from '../../container-status.ts';
import { engineError } from '../../errors.ts';
import { findContainer } from '../../find-container.ts';
import type { Shared } from '../../../monitor/start-pod.ts';
import type { Roots } from '../../roots.ts';
import type { JoinedPod } from '../../pods/joined-pod.ts';
import type { NamespaceSettings } from '../../run-settings.ts';

const FILES: Readonly<Partial<Record<NamespaceType, string>>> = { pid: 'pid', ipc: 'ipc', uts: 'uts' };
const SHARED_MEMORY = ['/dev/shm', '/dev/mqueue'];
const OF_CONTAINER = 'container:';
const OF_POD = 'pod';

export interface Sharing {
  readonly roots: Roots;
  /** Gets what has to be held until the container runs: paths in the spec name it. */
  readonly held: Fd[];
  /** Gets mounts for binds, by their destinations. */
  readonly mounts: Map<string, Fd>;
  readonly pod?: JoinedPod | undefined;
}

/** Has the container share namespaces with the host or with other containers. */
export function joinNamespaces(spec: Spec, settings: NamespaceSettings, sharing: Sharing): Spec {
  const { pid, ipc, uts, cgroup } = settings;
  const wanted: readonly (readonly [NamespaceType, string | undefined])[] = [
    ['pid', pid],
    ['ipc', ipc],
    ['uts', uts],
    ['cgroup', cgroup],
  ];
  let { namespaces } = spec.linux;
  for (const [type, value] of wanted) {
    if (value === 'host') namespaces = namespaces.filter((one) => one.type !== type);
    else if (value === OF_POD)
      namespaces = namespaces.map((one) => (one.type === type ? ofPod(type, sharing) : one));
    else if (value?.startsWith(OF_CONTAINER) === true) {
      const path = pathOf(value.slice(OF_CONTAINER.length), `ns/${FILES[type] ?? type}`, sharing);
      namespaces = namespaces.map((one): Namespace => (one.type === type ? { type, path } : one));
    }
  }
  const mounts = withSharedMemory(spec.mounts, ipc, sharing);
  const { hostname: own, ...nameless } = spec;
  const keepsName = uts === undefined || uts === 'private' || own === undefined;
  return { ...(keepsName ? spec : nameless), mounts, linux: { ...spec.linux, namespaces } };
}

/** Init has our descriptors until it executes its program; another runtime has not, and needs our number. */
function ofPod(type: NamespaceType, { pod }: Sharing): Namespace {
  const fd = pod?.shared.get(type as Shared);
  return fd === undefined ? { type } : { type, path: `/proc/${sys('getpid')}/fd/${fd.number}` };
}

/**
 * A file below /proc/PID of a running container, by a descriptor: a pid alone may come to name another process
 * meanwhile. Throws ENGINE_CONTAINER_NOT_RUNNING.
 */
function pathOf(wanted: string, file: string, { roots, held }: Sharing): string {
  const places = findContainer(roots, wanted);
  using directory = openContainer(places);
  const pid = directory && statusOf(directory.number).journal.started?.pid;
  const opened = pid === undefined ? undefined : openIfThere(`/proc/${pid}/${file}`);
  // Only now it is sure that the pid was the container's when the file was opened.
  if (opened === undefined || directory === undefined || statusOf(directory.number).state !== 'running') {
    opened?.close();
    const text = `The container ${places.name}, whose namespaces are wanted, is not running: start it first`;
    throw engineError('ENGINE_CONTAINER_NOT_RUNNING', text);
  }
  held.push(opened);
  return `/proc/${sys('getpid')}/fd/${opened.number}`;
}

/** What a running container has mounted at a place, as a mount of nobody's until it is bound. */
function mountOf(wanted: string, place: string, sharing: Sharing): string {
  using own = openFile('/proc/self/ns/mnt', O.RDONLY);
  const theirs = openFile(pathOf(wanted, 'ns/mnt', sharing), O.RDONLY);
  let mount: Fd;
  // A mount is copied by those alone who are in its namespace.
  sys('setns', theirs.number, CLONE.NEWNS);
  try {
    mount = cloneTree(AT.FDCWD, place, true);
  } finally {
    sys('setns', own.number, CLONE.NEWNS);
    theirs.close();
  }
  sharing.mounts.set(place, mount);
  return place;
}

function openIfThere(path: string): Fd | undefined {
  try {
    return openFile(path, O.RDONLY);
  } catch (error) {
    if (isSysError(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

function withSharedMemory(
  mounts: readonly Mount[],
  ipc: string | undefined,
  sharing: Sharing,
): readonly Mount[] {
  if (ipc === 'none') return mounts.filter(({ destination }) => destination !== '/dev/shm');
  if (ipc === OF_POD) return withPodMemory(mounts, sharing);
  const isShared = ipc === 'host' || ipc?.startsWith(OF_CONTAINER) === true;
  if (!isShared || ipc === undefined) return mounts;
  return mounts.map((mount) => {
    if (!SHARED_MEMORY.includes(mount.destination)) return mount;
    // A host may have none; a new mount shows the same queues.
    if (mount.destination === '/dev/mqueue' && !exists(mount.destination)) return mount;
    const source =
      ipc === 'host'
        ? mount.destination
        : mountOf(ipc.slice(OF_CONTAINER.length), mount.destination, sharing);
    return {
      destination: mount.destination,
      type: 'bind',
      source,
      options: ['rbind', 'nosuid', 'noexec', 'nodev'],
    };
  });
}

/** The pod's /dev/shm; its queues are in any mount of them. */
function withPodMemory(mounts: readonly Mount[], sharing: Sharing): readonly Mount[] {
  const shm = sharing.pod?.shared.get('shm');
  if (shm === undefined) return mounts;
  const [destination = ''] = SHARED_MEMORY;
  sharing.mounts.set(destination, shm);
  const options = ['rbind', 'nosuid', 'noexec', 'nodev'];
  const own: Mount = { destination, type: 'bind', source: destination, options };
  return mounts.map((mount) => (mount.destination === destination ? own : mount));
}
