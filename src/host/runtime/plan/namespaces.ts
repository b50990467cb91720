import type { IdMapping, NamespaceType, Spec } from '../../../pure/spec/runtime.ts';
import { CLONE } from '../../kernel/constants.ts';

const FLAGS: Readonly<Record<NamespaceType, number>> = {
  user: CLONE.NEWUSER,
  pid: CLONE.NEWPID,
  network: CLONE.NEWNET,
  mount: CLONE.NEWNS,
  ipc: CLONE.NEWIPC,
  uts: CLONE.NEWUTS,
  cgroup: CLONE.NEWCGROUP,
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

export interface NamespacePlan {
  readonly user: UserNamespacePlan | undefined;
  /** Made by clone3(2): all new ones but the cgroup namespace, whose root is the cgroup at the moment it is made. */
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
  const { uidMappings, gidMappings } = spec.linux;
  const fresh = spec.linux.namespaces.filter(({ path }) => path === undefined).map(({ type }) => type);
  const joined = spec.linux.namespaces.flatMap(({ type, path }) =>
    path === undefined ? [] : [{ type, flag: FLAGS[type], path }],
  );
  return {
    user: user === undefined ? undefined : { path: user.path, uidMappings, gidMappings },
    cloneFlags: fresh.reduce((flags, type) => (type === 'cgroup' ? flags : flags | FLAGS[type]), 0),
    hasNewCgroup: fresh.includes('cgroup'),
    hasNewNetwork: fresh.includes('network'),
    pid: joined.find(({ type }) => type === 'pid'),
    joined: joined.filter(({ type }) => type !== 'pid' && type !== 'user'),
  };
}
