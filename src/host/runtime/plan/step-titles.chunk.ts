import type { Step } from './step.ts';

/** What steps are for that are all alike. */
const TITLES = {
  'join-cgroups': 'Join the cgroups',
  'new-cgroup-namespace': 'Make a cgroup namespace',
  'new-session-keyring': 'Make a session keyring',
  'raise-loopback': 'Raise the loopback interface',
  'make-devices': 'Make the devices',
  'link-devices': 'Make the links in /dev',
  'open-console': 'Open the console',
  'run-hooks': 'Run the hooks before the change of root',
  'seal-root': 'Make the root file system read-only',
  'change-root': 'Change the root directory',
  'propagate-root': 'Set the propagation of the root',
} as const;

/** What a step is for, in the words of an error message. */
export function titleOf(step: Step): string {
  if (isPlain(step)) return TITLES[step.kind];
  switch (step.kind) {
    case 'adjust-oom-score':
      return `Set oomScoreAdj to ${step.score}`;
    case 'join-namespace':
      return `Join the ${step.type} namespace ${step.path}`;
    case 'set-hostname':
      return `Set the hostname to ${step.name}`;
    case 'set-domainname':
      return `Set the domainname to ${step.name}`;
    case 'write-sysctl':
      return `Set the kernel parameter ${step.name} to ${step.value}`;
    case 'enter-rootfs':
      return `Mount the root file system ${step.path}`;
    case 'mount':
      return `Mount ${step.type} on ${step.destination}`;
    case 'bind':
      return `Bind ${step.source} to ${step.destination}`;
    case 'mount-cgroups':
      return `Mount the cgroups on ${step.destination}`;
    case 'make-directory':
      return `Make the directory ${step.path}`;
    case 'seal-mount':
      return `Make ${step.destination} read-only`;
    case 'protect-path':
      return `Make the path ${step.path} read-only`;
    case 'mask-path':
      return `Mask the path ${step.path}`;
  }
}

function isPlain(step: Step): step is Extract<Step, { readonly kind: keyof typeof TITLES }> {
  return Object.hasOwn(TITLES, step.kind);
}

/** What may be the cause, where an errno says it. */
export function hintFor(step: Step, errno: number): string | undefined {
  if (step.kind === 'adjust-oom-score' && (errno === 1 || errno === 13)) {
    return 'lowering it needs CAP_SYS_RESOURCE, which the caller lacks';
  }
  if (step.kind === 'mount' && step.type === 'proc' && errno === 1)
    return 'the pid namespace must be the container’s own, and in a user namespace the caller must see a /proc of which an outer container masks nothing';
  if (step.kind === 'enter-rootfs' && errno === 22)
    return 'the root directory is no mount point, as in a chroot: bind it to itself before (mount --bind DIR DIR; chroot DIR)';
  if (step.kind === 'enter-rootfs' && errno === 2) return 'the directory does not exist';
  if (step.kind === 'bind' && errno === 2) return 'the source does not exist';
  if ((step.kind === 'enter-rootfs' || step.kind === 'bind') && errno === 13)
    return 'the path must be open to the root of the container’s user namespace: the calls that would spare it that are missing (open_tree, move_mount, mount_setattr; Linux 5.12)';
  if (step.kind === 'change-root' && step.isPivot && errno === 22)
    return 'on an initial ramdisk use --no-pivot';
  return undefined;
}
