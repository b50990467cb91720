import type { IdMapping, NamespaceType, Spec, TimeOffset } from '../../../pure/spec/runtime.ts';
import { CLONE } from '../../kernel/constants.ts';

const FLAGS: Readonly<Record<NamespaceType, number>> = {
  user: CLONE.NEWUSER,
  pid: CLONE.NEWPID,
  network: CLONE.NEWNET,
  mount: CLONE.NEWNS,
  ipc: CLONE.NEWIPC,
  uts: CLONE.NEWUTS,
  cgroup: CLONE.NEWCGROUP,
  time: CLONE.NEWTIME,
};

export interface JoinedNamespace {
  readonly type: NamespaceType;
  readonly flag: number;
  readonly path: string;
}

/** A user namespace other than ours, new or joined: its root is nobody on the host, whose paths it may not enter. */
export interface UserNamespacePlan {
  /** undefined for a new one. */
  readonly path: string | undefined;
  readonly uidMappings: readonly IdMapping[];
  readonly gidMappings: readonly IdMapping[];
}

/** A time namespace, new or joined, which takes the children only. */
export interface TimeNamespacePlan {
  /** undefined for a new one. */
  readonly path: string | undefined;
  readonly offsets: readonly TimeOffset[];
}

export interface NamespacePlan {
  readonly time: TimeNamespacePlan | undefined;
  readonly user: UserNamespacePlan | undefined;
  /** Made by clone3(2): all new ones but the cgroup namespace, whose root is the cgroup at the moment it is made, and the time namespace. */
  readonly cloneFlags: number;
  readonly hasNewCgroup: boolean;
  readonly hasNewNetwork: boolean;
  /** Joined before the fork: a pid namespace takes the children only. */
  readonly pid: JoinedNamespace | undefined;
  /** Joined by the child, or where there is a user namespace, by whoever forks it. */
  readonly joined: readonly JoinedNamespace[];
}

export function planNamespaces(spec: Spec): NamespacePlan {
  const user = spec.linux.namespaces.find(({ type }) => type === 'user');
  const time = spec.linux.namespaces.find(({ type }) => type === 'time');
  const { uidMappings, gidMappings, timeOffsets: offsets = [] } = spec.linux;
  const fresh = spec.linux.namespaces.filter(({ path }) => path === undefined).map(({ type }) => type);
  const joined = spec.linux.namespaces.flatMap(({ type, path }) =>
    path === undefined ? [] : [{ type, flag: FLAGS[type], path }],
  );
  return {
    user: user === undefined ? undefined : { path: user.path, uidMappings, gidMappings },
    time: time === undefined ? undefined : { path: time.path, offsets },
    cloneFlags: fresh
      .filter((type) => type !== 'cgroup' && type !== 'time')
      .reduce((flags, type) => flags | FLAGS[type], 0),
    hasNewCgroup: fresh.includes('cgroup'),
    hasNewNetwork: fresh.includes('network'),
    pid: joined.find(({ type }) => type === 'pid'),
    joined: joined.filter(({ type }) => !['pid', 'user', 'time'].includes(type)),
  };
}
