import { attempt } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { Fd } from '../../kernel/files.ts';
import { statusAt, statusOf } from '../../kernel/stat.ts';
import { imageMountsFolder, type Roots } from '../roots.ts';

/** Whether something is mounted at a directory: its device is not that of the one that holds it. */
export function isMountPoint(path: string): boolean {
  const cut = path.lastIndexOf('/');
  const opened = attempt('open', path.slice(0, cut), O.PATH | O.DIRECTORY | O.CLOEXEC, 0);
  using above = new Fd(opened);
  if (opened < 0) return false;
  const there = statusAt(above.number, path.slice(cut + 1));
  return there !== undefined && there.device !== statusOf(above.number).device;
}

/** Where an image is mounted by `image mount`; undefined if it isn't. */
export function mountOfImage(roots: Roots, id: string): string | undefined {
  const path = `${imageMountsFolder(roots)}/${id.slice('sha256:'.length)}`;
  return isMountPoint(path) ? path : undefined;
}
