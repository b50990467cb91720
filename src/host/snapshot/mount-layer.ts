import type { Fd } from '../kernel/files.ts';
import { mountErofs, openLayer } from './mounts/erofs.ts';

/**
 * Mounts one EROFS file that our own writer made, read-only and detached: no path of the host shows it, and it
 * goes with its last holder. The kernel reads the file itself, since Linux 6.12. Throws SNAPSHOT_LAYER_MISSING,
 * SNAPSHOT_LAYER_DAMAGED, or SNAPSHOT_LAYER_REFUSED where another form has to do (a store on overlayfs or tmpfs, a
 * user namespace, an older kernel).
 */
export function mountLayer(path: string): Fd {
  using _whole = openLayer(path);
  return mountErofs(path, path, false);
}
