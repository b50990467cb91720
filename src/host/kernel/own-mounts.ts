/** What a process may do about detached mounts where the kernel has none (since Linux 5.2). */
let isOwn = false;
let isMoveMissing = false;

/**
 * Said by a process in a mount namespace that nobody else is in: where the kernel refuses detached mounts, they are
 * kept on a stage in it instead, which a process among the mounts of the host must not set up.
 */
export function ownMounts(): void {
  isOwn = true;
}

export function hasOwnMounts(): boolean {
  return isOwn;
}

/** Said where a detached mount could not be attached: from then on there must be none. */
export function avoidDetached(): void {
  isMoveMissing = true;
}

export function avoidsDetached(): boolean {
  return isMoveMissing;
}
