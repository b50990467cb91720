import {
  SECCOMP_ACTIONS,
  SECCOMP_ARCHITECTURES,
  SECCOMP_FLAGS,
  SECCOMP_OPERATORS,
} from '../../pure/spec/seccomp.ts';
import { CAPABILITIES } from '../kernel/capabilities.ts';
import { OCI_VERSION } from './oci-version.ts';
import { NAMESPACES } from './parse/linux.ts';
import { MOUNT_OPTIONS } from './plan/mount-options.ts';

/** What this version can do, on any kernel (features.md of the OCI runtime specification, since 1.1). */
export interface Features {
  readonly ociVersionMin: string;
  readonly ociVersionMax: string;
  readonly hooks: readonly string[];
  readonly mountOptions: readonly string[];
  readonly linux: object;
  readonly annotations: Readonly<Record<string, string>>;
  readonly potentiallyUnsafeConfigAnnotations: readonly string[];
}

export function readFeatures(): Features {
  return {
    ociVersionMin: OCI_VERSION.least,
    ociVersionMax: OCI_VERSION.most,
    hooks: ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'],
    mountOptions: MOUNT_OPTIONS.toSorted(),
    linux: {
      namespaces: NAMESPACES.toSorted(),
      capabilities: CAPABILITIES,
      cgroup: { v1: true, v2: true, systemd: false, systemdUser: false, rdma: true },
      seccomp: {
        enabled: true,
        actions: SECCOMP_ACTIONS.toSorted(),
        operators: SECCOMP_OPERATORS.toSorted(),
        archs: SECCOMP_ARCHITECTURES.toSorted(),
        knownFlags: SECCOMP_FLAGS.toSorted(),
        supportedFlags: SECCOMP_FLAGS.toSorted(),
      },
      apparmor: { enabled: false },
      selinux: { enabled: false },
      intelRdt: { enabled: false, schemata: false, monitoring: false },
      mountExtensions: { idmap: { enabled: true } },
      netDevices: { enabled: false },
    },
    annotations: {},
    potentiallyUnsafeConfigAnnotations: [],
  };
}
