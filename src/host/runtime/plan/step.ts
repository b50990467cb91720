import type { Device, IdMapping } from '../../../pure/spec/runtime.ts';
import type { Attributes } from './mount-options.ts';

/** One thing to be done, in order, by the process that becomes the container's init. Plain data. */
export type Step =
  | { readonly kind: 'join-cgroups'; readonly directories: readonly string[] }
  | { readonly kind: 'adjust-oom-score'; readonly score: number }
  | { readonly kind: 'join-namespace'; readonly type: string; readonly flag: number; readonly path: string }
  | { readonly kind: 'new-cgroup-namespace' }
  | { readonly kind: 'new-session-keyring'; readonly name: string }
  | { readonly kind: 'raise-loopback' }
  | { readonly kind: 'set-hostname'; readonly name: string }
  | { readonly kind: 'set-domainname'; readonly name: string }
  | { readonly kind: 'enter-rootfs'; readonly path: string; readonly propagation: number }
  | MountStep
  | BindStep
  | CgroupMountStep
  | { readonly kind: 'make-devices'; readonly devices: readonly Device[]; readonly isBound: boolean }
  | { readonly kind: 'link-devices' }
  | {
      readonly kind: 'open-console';
      readonly uid: number;
      readonly size?: { readonly height: number; readonly width: number };
    }
  | { readonly kind: 'run-hooks' }
  | { readonly kind: 'make-directory'; readonly path: string }
  | { readonly kind: 'seal-mount'; readonly destination: string }
  | { readonly kind: 'protect-path'; readonly path: string }
  | { readonly kind: 'mask-path'; readonly path: string }
  | { readonly kind: 'seal-root' }
  | { readonly kind: 'change-root'; readonly isPivot: boolean }
  | { readonly kind: 'propagate-root'; readonly propagation: number };

/** A file system mounted anew. */
export interface MountStep {
  readonly kind: 'mount';
  readonly type: string;
  readonly source: string;
  readonly destination: string;
  /** MS_ flags of mount(2). */
  readonly flags: number;
  readonly data: string;
  readonly propagation: number;
  readonly isPropagationRecursive: boolean;
  /** proc and sysfs: only ever mounted on a directory that no link leads to. */
  readonly isOrdinaryDirectory: boolean;
}

export interface IdMap {
  readonly uidMappings: readonly IdMapping[];
  readonly gidMappings: readonly IdMapping[];
  readonly isRecursive: boolean;
}

/** Something of the host, shown in the container. */
export interface BindStep {
  readonly kind: 'bind';
  /** Mappings of the ids that it shows; an empty list for those of the container's user namespace. */
  readonly idMap?: IdMap;
  readonly source: string;
  readonly destination: string;
  readonly isRecursive: boolean;
  readonly attributes: Attributes;
  readonly recursive: Attributes;
  readonly propagation: number;
  readonly isPropagationRecursive: boolean;
}

/** A tmpfs with a view of the container's cgroup in each hierarchy. */
export interface CgroupMountStep {
  readonly kind: 'mount-cgroups';
  readonly destination: string;
  readonly flags: number;
  readonly attributes: Attributes;
  readonly views: readonly { readonly name: string; readonly directory: string }[];
  readonly links: readonly { readonly name: string; readonly target: string }[];
}

/** What a step is for, in the words of an error message. */
export function titleOf(step: Step): string {
  switch (step.kind) {
    case 'join-cgroups':
      return 'Join the cgroups';
    case 'adjust-oom-score':
      return `Set oomScoreAdj to ${step.score}`;
    case 'join-namespace':
      return `Join the ${step.type} namespace ${step.path}`;
    case 'new-cgroup-namespace':
      return 'Make a cgroup namespace';
    case 'new-session-keyring':
      return 'Make a session keyring';
    case 'raise-loopback':
      return 'Raise the loopback interface';
    case 'set-hostname':
      return `Set the hostname to ${step.name}`;
    case 'set-domainname':
      return `Set the domainname to ${step.name}`;
    case 'enter-rootfs':
      return `Mount the root file system ${step.path}`;
    case 'mount':
      return `Mount ${step.type} on ${step.destination}`;
    case 'bind':
      return `Bind ${step.source} to ${step.destination}`;
    case 'mount-cgroups':
      return `Mount the cgroups on ${step.destination}`;
    case 'make-devices':
      return 'Make the devices';
    case 'link-devices':
      return 'Make the links in /dev';
    case 'open-console':
      return 'Open the console';
    case 'run-hooks':
      return 'Run the hooks before the change of root';
    case 'make-directory':
      return `Make the directory ${step.path}`;
    case 'seal-mount':
      return `Make ${step.destination} read-only`;
    case 'protect-path':
      return `Make the path ${step.path} read-only`;
    case 'mask-path':
      return `Mask the path ${step.path}`;
    case 'seal-root':
      return 'Make the root file system read-only';
    case 'change-root':
      return 'Change the root directory';
    case 'propagate-root':
      return 'Set the propagation of the root';
  }
}
