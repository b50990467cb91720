import { isSysError } from '../../kernel/call.ts';
import { MOUNT_ATTR, O } from '../../kernel/constants.ts';
import { keptAfter, openAt, type Fd } from '../../kernel/files.ts';
import { setMountAttributes } from '../../kernel/mounts.ts';
import { snapshotError } from '../errors.ts';
import type { MappedBy } from '../rootfs-request.ts';
import { copyOfMount } from './mount-call.ts';
import { UPPER_FOLDER, WORK_FOLDER } from './upper.ts';

/** What an overlay is made of, with ids of a user namespace. */
export interface MappedParts {
  /** Bottom first. */
  readonly lowers: readonly Fd[];
  /** The container's directory. */
  readonly container: Fd;
  readonly upper: Fd;
  readonly work: Fd;
}

/**
 * Copies of mounts or directories that show the ids of a user namespace; the mounts themselves stay as they are, for
 * others. Upper and work come by one of them, as overlayfs wants it. Throws SNAPSHOT_IDS_REFUSED.
 */
export function mappedParts(lowers: readonly number[], directory: number, mapped: MappedBy): MappedParts {
  const made: Fd[] = [];
  const keep = (fd: Fd): Fd => {
    made.push(fd);
    return fd;
  };
  try {
    const copies = lowers.map((lower) => keep(mappedCopy(lower, mapped.own)));
    const container = keep(mappedCopy(directory, mapped.withHost));
    const upper = keep(openFolder(container.number, UPPER_FOLDER));
    return { lowers: copies, container, upper, work: keep(openFolder(container.number, WORK_FOLDER)) };
  } catch (error) {
    for (const fd of made) fd.close();
    throw error;
  }
}

function openFolder(directory: number, name: string): Fd {
  return openAt(directory, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
}

/** mount_setattr(2), MOUNT_ATTR_IDMAP: since Linux 5.12, of EROFS and of layers of overlayfs since 5.19. */
export function mappedCopy(tree: number, namespace: Fd): Fd {
  return keptAfter(copyOfMount(tree, '', false), ({ number }) => {
    try {
      const attributes = { set: MOUNT_ATTR.IDMAP, clear: 0, userNamespace: namespace.number };
      setMountAttributes(number, attributes);
    } catch (error) {
      if (!isSysError(error, 'EINVAL', 'EPERM', 'ENOSYS')) throw error;
      const text =
        'The files of the container can not get ids of its own: that takes Linux 5.19 and a store on ext4, XFS, btrfs or tmpfs; use --userns=host';
      throw snapshotError('SNAPSHOT_IDS_REFUSED', text, error);
    }
  });
}
