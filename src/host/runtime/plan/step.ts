import type { Device, IdMapping, Sysctl } from '../../../pure/spec/runtime.ts';
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
  | SysctlStep
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

export interface SysctlStep extends Sysctl {
  readonly kind: 'write-sysctl';
}

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
  /** Gets the permissions of a directory that was there before it. */
  readonly takesMode: boolean;
  /** Gets what was in that directory. */
  readonly copiesUp: boolean;
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
