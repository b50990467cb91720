import type { Spec } from '../../../../pure/spec/runtime.ts';
import type { RunSettings } from '../../run-settings.ts';

/** What is masked, read-only or writable in a container of these settings. */
export function withSecurity(spec: Spec, { isPrivileged, security = {} }: RunSettings): Spec {
  const { unmask = [], mask = [], isWithoutNewPrivileges = false, hasWritableCgroups } = security;
  const isOpen = isPrivileged === true || unmask.includes('ALL');
  const isMasked = (path: string): boolean => !isOpen && !unmask.some((one) => isWithin(path, one));
  const { linux } = spec;
  return {
    ...spec,
    process: { ...spec.process, noNewPrivileges: isWithoutNewPrivileges },
    mounts: spec.mounts.map((mount) => {
      const isWritable =
        (isPrivileged === true && (mount.type === 'sysfs' || mount.type === 'cgroup')) ||
        (hasWritableCgroups === true && mount.type === 'cgroup');
      return isWritable ? { ...mount, options: mount.options.filter((one) => one !== 'ro') } : mount;
    }),
    linux: {
      ...linux,
      maskedPaths: [...linux.maskedPaths.filter(isMasked), ...mask],
      readonlyPaths: linux.readonlyPaths.filter(isMasked),
    },
  };
}

/** A trailing `*` stands for whatever follows, as podman has it. */
function isWithin(path: string, pattern: string): boolean {
  if (pattern.endsWith('*')) return path.startsWith(pattern.slice(0, -1));
  return path === pattern;
}
