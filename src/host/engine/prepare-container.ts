import type { Spec } from '../../pure/spec/runtime.ts';
import type { Fd } from '../kernel/files.ts';
import type { NewEvent } from '../monitor/events.ts';
import type { Prepared } from '../monitor/start-monitor.ts';
import type { Places } from '../monitor/places.ts';
import { bindRootfs, lockRootfs, mountRootfs } from '../snapshot/mount-rootfs.ts';
import type { LayerMount, MountedRootfs } from '../snapshot/rootfs-request.ts';
import type { ContainerConfig } from './container-config.ts';
import { joinPodOf, type JoinedPod } from './pods/joined-pod.ts';
import { prepareNetwork } from './network/prepare-network.ts';
import { makeEtcFiles } from './files/etc-files.ts';
import { requireSkeleton } from './files/skeleton.ts';
import { announceLayers, sharedLayers } from './images/shared-layers.ts';
import type { Roots } from './roots.ts';
import { defaultFilter } from './seccomp/filter-of.ts';
import { containerSpec, isPlainBind } from './spec/container-spec.ts';
import { resolveUser } from './users/resolve-user.ts';

/** Milliseconds that a start waits for a copy or a commit of the container's files to end. */
const PATIENCE = 60_000;

export interface OnRecord {
  readonly config: ContainerConfig;
  readonly places: Places;
  /** The container's directory, locked. */
  readonly directory: number;
}

/** What a container needs to run: made in its monitor, whose own the mounts are. */
export function prepareContainer(roots: Roots, onRecord: OnRecord): Prepared {
  const { config, places, directory } = onRecord;
  const lock = lockRootfs(directory, PATIENCE);
  const { root, lease, layers, spent } =
    config.rootfs === undefined ? mountImage(roots, config, directory) : bindDirectory(config.rootfs);
  const user = resolveUser(root.number, config.user);
  const pod = joinPodOf(roots, config.pod);
  const network = prepareNetwork(roots, onRecord, pod);
  const etc = makeEtcFiles(config, places.directory, { root: root.number, network });
  const spec = containerSpec(config, { user, etc, networkNamespace: network?.namespace });
  const held = [...spent, ...(network?.spent ?? []), ...(pod?.shared.values() ?? [])];
  const more = network === undefined ? {} : { network };
  const events = network?.events ?? [];
  const layerFiles = layersOf(roots, config);
  const kept = [lock, ...(pod?.kept ?? [])];
  const prepared = { rootfs: root, lease, layerFiles, layers, kept, spent: held, events, ...more };
  if (isCommon(config)) return { ...prepared, spec, filter: defaultFilter() };
  return { ...prepared, ...extended(spec, { roots, onRecord, root, pod, spent: held, events }) };
}

/** Whether what all containers get is all that it wants. */
function isCommon({ settings, limits, volumes }: ContainerConfig): boolean {
  return settings === undefined && Object.keys(limits).every(isCommonLimit) && volumes.every(isPlainBind);
}

function isCommonLimit(name: string): boolean {
  return name === 'memory' || name === 'nanoCpus' || name === 'pids';
}

interface Extending {
  readonly roots: Roots;
  readonly onRecord: OnRecord;
  readonly root: Fd;
  readonly pod: JoinedPod | undefined;
  readonly spent: readonly Fd[];
  readonly events: readonly NewEvent[];
}

function extended(
  base: Spec,
  { roots, onRecord: { config }, root, pod, spent, events }: Extending,
): Pick<Prepared, 'spec' | 'filter' | 'mounts' | 'spent' | 'events'> {
  const { extendSpec } = load(
    'engine/spec/rare/extend-spec.chunk.js',
  ) as typeof import('./spec/rare/extend-spec.chunk.ts');
  const { spec, filter, mounts, held, mounted } = extendSpec(base, { config, roots, root: root.number, pod });
  return { spec, filter, mounts, spent: [...spent, ...held], events: [...mounted, ...events] };
}

function mountImage(roots: Roots, config: ContainerConfig, directory: number): MountedRootfs {
  const layers = layersOf(roots, config);
  const shared = sharedLayers(roots, config.id, layers);
  let used: readonly LayerMount[] = [];
  try {
    const mounted = mountRootfs({
      store: roots.store,
      layers,
      skeleton: requireSkeleton(roots),
      directory,
      isVolatile: config.isAutoRemove,
      shared,
    });
    used = mounted.layers;
    announceLayers(roots, config.id, used);
    return mounted;
  } finally {
    for (const fd of shared.values()) if (used.every((layer) => layer.fd !== fd)) fd.close();
  }
}

function bindDirectory(path: string): MountedRootfs {
  return { root: bindRootfs(path), lease: bindRootfs(path), layers: [], spent: [] };
}

function layersOf({ store }: Roots, { image }: ContainerConfig): readonly string[] {
  return (image?.layers ?? []).map((file) => `${store}/${file}`);
}
