import { toHost, type IdMaps } from '../../../pure/spec/id-shift.ts';
import type { IdMapping, Namespace, Spec } from '../../../pure/spec/runtime.ts';
import { sys } from '../../kernel/call.ts';
import type { Fd } from '../../kernel/files.ts';
import { userNamespaceOf } from '../../runtime/user-namespace-of.ts';
import type { MappedBy } from '../../snapshot/rootfs-request.ts';
import { ETC_FILES } from '../files/etc-files.ts';

/** The user namespaces of one life of a container: its files, its network and its processes are of them. */
export function openIds({ uid, gid }: IdMaps): MappedBy {
  const own = userNamespaceOf({ uidMappings: uid, gidMappings: gid });
  const withHost = userNamespaceOf({ uidMappings: andRoot(uid), gidMappings: andRoot(gid) });
  return { own, withHost };
}

const LARGEST = 2 ** 32 - 2;

/** The host's root gets an id that the container has not. */
function andRoot(mappings: readonly IdMapping[]): readonly IdMapping[] {
  if (mappings.some(({ hostID }) => hostID === 0)) return mappings;
  const isFree = (id: number): boolean =>
    mappings.every(({ containerID, size }) => id < containerID || id >= containerID + size);
  const ends = [LARGEST, ...mappings.map(({ containerID }) => containerID - 1)];
  const containerID = ends.find((id) => id > 0 && isFree(id)) ?? LARGEST;
  return [...mappings, { containerID, hostID: 0, size: 1 }];
}

export interface Entering {
  readonly ids: IdMaps;
  readonly namespace: Fd;
  /** The container's directory. */
  readonly directory: string;
  /** Whether our own runtime makes it, whose init has our descriptors. */
  readonly isOwnRuntime: boolean;
}

/** The spec in the user namespace; the container's own files below /etc become those of its root. */
export function inUserNamespace(spec: Spec, { ids, namespace, directory, isOwnRuntime }: Entering): Spec {
  const owner = toHost(ids);
  for (const name of ETC_FILES) {
    const source = `${directory}/${name}`;
    if (spec.mounts.every((mount) => mount.source !== source)) continue;
    sys('fchownat', -1, source, owner.uid(0), owner.gid(0), 0);
  }
  const process = isOwnRuntime ? 'self' : String(sys('getpid'));
  const user: Namespace = { type: 'user', path: `/proc/${process}/fd/${namespace.number}` };
  return { ...spec, linux: { ...spec.linux, namespaces: [user, ...spec.linux.namespaces] } };
}

/** Whose the ends of its pipes are, so that its program can open them anew. */
export function streamOwner(
  ids: IdMaps,
  { process: { user } }: Spec,
): { readonly uid: number; readonly gid: number } {
  const owner = toHost(ids);
  return { uid: owner.uid(user.uid), gid: owner.gid(user.gid) };
}
