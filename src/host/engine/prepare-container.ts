import type { IdMaps } from '../../pure/spec/id-shift.ts';
import type { Spec } from '../../pure/spec/runtime.ts';
import type { Fd } from '../kernel/files.ts';
import type { NewEvent } from '../monitor/events.ts';
import type { Prepared } from '../monitor/start-monitor.ts';
import type { Places } from '../monitor/places.ts';
import { bindRootfs, lockRootfs, mountRootfs } from '../snapshot/mount-rootfs.ts';
import type { LayerMount, MappedBy, MountedRootfs } from '../snapshot/rootfs-request.ts';
import type { ContainerConfig } from './container-config.ts';
import { joinPodOf, type JoinedPod } from './pods/joined-pod.ts';
import { prepareNetwork } from './network/prepare-network.ts';
import { makeEtcFiles } from './files/etc-files.ts';
import { requireSkeleton } from './files/skeleton.ts';
import { openIdsModule } from './ids/ids.ts';
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
  const mapped = config.ids && openIdsModule().openIds(config.ids);
  const { root, lease, layers, spent } =
    config.rootfs === undefined
      ? mountImage(roots, { config, directory, mapped })
      : bindDirectory(config.rootfs, mapped);
  const user = resolveUser(root.number, config.user);
  const pod = joinPodOf(roots, config.pod);
  const network = prepareNetwork(roots, { config, places, userNamespace: mapped?.own }, pod);
  const etc = makeEtcFiles(config, places.directory, { root: root.number, network });
  const spec = containerSpec(config, { user, etc, networkNamespace: network?.namespace });
  const held = [...spent, ...(network?.spent ?? []), ...(pod?.shared.values() ?? [])];
  const more = network === undefined ? {} : { network };
  const events = network?.events ?? [];
  const layerFiles = layersOf(roots, config);
  const kept = [lock, ...(pod?.kept ?? [])];
  const prepared = { rootfs: root, lease, layerFiles, layers, kept, spent: held, events, ...more };
  if (isCommon(config)) return { ...prepared, spec, filter: defaultFilter() };
  const rare = {
    ...prepared,
    ...extended(spec, { roots, onRecord, root, pod, spent: held, events, mapped }),
  };
  return config.ids === undefined || mapped === undefined
    ? rare
    : withIds(rare, { ids: config.ids, mapped, onRecord });
}

interface WithIds {
  readonly ids: IdMaps;
  readonly mapped: MappedBy;
  readonly onRecord: OnRecord;
}

function withIds(prepared: Prepared, { ids, mapped, onRecord: { config, places } }: WithIds): Prepared {
  const { inUserNamespace, streamOwner } = openIdsModule();
  const isOwnRuntime = config.settings?.runtime === undefined;
  const { directory } = places;
  return {
    ...prepared,
    spec: inUserNamespace(prepared.spec, { ids, namespace: mapped.own, directory, isOwnRuntime }),
    owner: streamOwner(ids, prepared.spec),
    spent: [...prepared.spent, mapped.own, mapped.withHost],
  };
}

/** Whether what all containers get is all that it wants. */
function isCommon({ settings, limits, volumes, ids }: ContainerConfig): boolean {
  return (
    settings === undefined &&
    ids === undefined &&
    Object.keys(limits).every(isCommonLimit) &&
    volumes.every(isPlainBind)
  );
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
  readonly mapped: MappedBy | undefined;
  readonly events: readonly NewEvent[];
}

function extended(
  base: Spec,
  { roots, onRecord: { config }, root, pod, spent, events, mapped }: Extending,
): Pick<Prepared, 'spec' | 'filter' | 'mounts' | 'spent' | 'events'> {
  const { extendSpec } = load(
    'engine/spec/rare/extend-spec.chunk.js',
  ) as typeof import('./spec/rare/extend-spec.chunk.ts');
  const { spec, filter, mounts, held, mounted } = extendSpec(base, {
    config,
    roots,
    root: root.number,
    pod,
    mapped,
  });
  return { spec, filter, mounts, spent: [...spent, ...held], events: [...mounted, ...events] };
}

interface Mounting {
  readonly config: ContainerConfig;
  readonly directory: number;
  readonly mapped: MappedBy | undefined;
}

function mountImage(roots: Roots, { config, directory, mapped }: Mounting): MountedRootfs {
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
      mapped,
    });
    used = mounted.layers;
    announceLayers(roots, config.id, used);
    return mounted;
  } finally {
    for (const fd of shared.values()) if (used.every((layer) => layer.fd !== fd)) fd.close();
  }
}

function bindDirectory(path: string, mapped: MappedBy | undefined): MountedRootfs {
  const bind = (): Fd => bindRootfs(path, mapped);
  return { root: bind(), lease: bind(), layers: [], spent: [] };
}

function layersOf({ store }: Roots, { image }: ContainerConfig): readonly string[] {
  return (image?.layers ?? []).map((file) => `${store}/${file}`);
}
