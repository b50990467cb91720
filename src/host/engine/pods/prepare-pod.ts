import { attempt, sys } from '../../kernel/call.ts';
import { AT, CLONE, MOUNT_ATTR, MS, O, OPEN_TREE } from '../../kernel/constants.ts';
import { createFile, openFile, type Fd } from '../../kernel/files.ts';
import { attachMount, newMount } from '../../kernel/mounts.ts';
import type { Places } from '../../monitor/places.ts';
import type { PreparedPod, Shared } from '../../monitor/start-pod.ts';
import { makeParentCgroup } from '../../runtime/parent-cgroup.ts';
import { etcTexts } from '../network/etc-texts.ts';
import { joinOwnNetworks } from '../network/own-networks.ts';
import type { Roots } from '../roots.ts';
import { resourcesOf } from '../spec/container-spec.ts';
import { withMoreLimits } from '../spec/rare/limits.ts';
import { podCgroup, type PodConfig } from './pod-config.ts';
import { startInit } from './start-init.ts';

const READABLE = 0o644;
const SHM = '/dev/shm';
const SHM_SIZE = 64 << 20;

/** Makes what a pod's containers share; in its monitor, whose own it is. */
export function preparePod(roots: Roots, config: PodConfig, places: Places): PreparedPod {
  const shared = new Map<Shared, Fd>();
  makeCgroup(config);
  writeFile(places, 'hostname', `${config.hostname}\n`);
  if (config.shares.includes('uts')) {
    sys('unshare', CLONE.NEWUTS);
    const name = bytes(config.hostname);
    sys('sethostname', name, name.length - 1);
    shared.set('uts', openFile('/proc/self/ns/uts', O.RDONLY));
  }
  if (config.shares.includes('ipc')) {
    sys('unshare', CLONE.NEWIPC);
    shared.set('ipc', openFile('/proc/self/ns/ipc', O.RDONLY));
    shared.set('shm', sharedMemory(config.shmSize ?? SHM_SIZE));
  }
  const init = config.shares.includes('pid') ? startInit() : undefined;
  if (init !== undefined) shared.set('pid', init.namespace);
  const more = init === undefined ? {} : { init: init.pid };
  if (!config.shares.includes('net') || config.network === 'host') return { shared, ...more, events: [] };
  return { shared, ...more, ...makeNetwork(roots, config, { places, shared }) };
}

interface Making {
  readonly places: Places;
  readonly shared: Map<Shared, Fd>;
}

function makeNetwork(
  roots: Roots,
  config: PodConfig,
  { places, shared }: Making,
): Pick<PreparedPod, 'network' | 'events'> {
  const { id, name, networking } = config;
  const own = joinOwnNetworks(roots, { id, name, networking, directory: places.directory });
  shared.set('net', own.joined.namespace);
  for (const [file, text] of etcTexts(config, own.joined)) writeFile(places, file, text);
  return { network: own.served, events: own.events };
}

/** Anew at each start: what containers did to it before goes. */
function writeFile({ directory }: Places, name: string, text: string): void {
  attempt('unlink', `${directory}/${name}`);
  createFile(`${directory}/${name}`, text, READABLE);
}

/** A mount of which each container gets a copy. */
function sharedMemory(size: number): Fd {
  const mount = newMount({
    type: 'tmpfs',
    parameters: { mode: '1777', size: String(size) },
    attributes: MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC,
  });
  const copy = attempt('open_tree', mount.number, '', COPY);
  if (copy >= 0) {
    attempt('close', copy);
    return mount;
  }
  // Before Linux 6.15 a detached mount can't be copied: it is attached where nobody else sees it.
  sys('unshare', CLONE.NEWNS);
  sys('mount', null, '/', null, MS.REC | MS.SLAVE, null);
  using place = openFile(SHM, O.PATH | O.DIRECTORY);
  attachMount(mount.number, place.number);
  return mount;
}

const COPY = OPEN_TREE.CLONE | OPEN_TREE.CLOEXEC | AT.EMPTY_PATH;

function makeCgroup(config: PodConfig): void {
  const path = podCgroup(config);
  if (path !== undefined) makeParentCgroup(path, withMoreLimits(resourcesOf(config.limits), config.limits));
}
