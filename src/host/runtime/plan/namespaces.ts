import type { NamespaceType, Spec } from '../../../pure/spec/runtime.ts';
import { CLONE } from '../../kernel/constants.ts';

const FLAGS: Readonly<Record<NamespaceType, number>> = {
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

export interface NamespacePlan {
  /** Made by clone3(2): all new ones but the cgroup namespace, whose root is the cgroup at the moment it is made. */
  readonly cloneFlags: number;
  readonly hasNewCgroup: boolean;
  readonly hasNewNetwork: boolean;
  /** Joined before the fork: a pid namespace takes the children only. */
  readonly pid: JoinedNamespace | undefined;
  /** Joined by the child. */
  readonly joined: readonly JoinedNamespace[];
}

export function planNamespaces(spec: Spec): NamespacePlan {
  const fresh = spec.linux.namespaces.filter(({ path }) => path === undefined).map(({ type }) => type);
  const joined = spec.linux.namespaces.flatMap(({ type, path }) =>
    path === undefined ? [] : [{ type, flag: FLAGS[type], path }],
  );
  return {
    cloneFlags: fresh.reduce((flags, type) => (type === 'cgroup' ? flags : flags | FLAGS[type]), 0),
    hasNewCgroup: fresh.includes('cgroup'),
    hasNewNetwork: fresh.includes('network'),
    pid: joined.find(({ type }) => type === 'pid'),
    joined: joined.filter(({ type }) => type !== 'pid'),
  };
}
