import { readText } from '../../kernel/files.ts';
import { timedStatusAt } from '../../kernel/stat.ts';
import { snapshotError } from '../errors.ts';
import { mayMountAgain } from '../mount-overlay.ts';
import { WORK_FOLDER } from '../mounts/upper.ts';

/** What overlayfs makes when an overlay is mounted volatile, and refuses from then on. */
const MARK = `${WORK_FOLDER}/work/incompat/volatile`;

/**
 * Whether a volatile overlay stood in the way that a killed monitor left, and does so no more. What it wrote is whole
 * as long as the machine runs; after the machine's end nobody knows. Throws SNAPSHOT_VOLATILE_LOST then. `directory`
 * is the container's, whose root file system the caller has locked.
 */
export function endVolatile(directory: number): boolean {
  const mark = timedStatusAt(directory, MARK);
  if (mark === undefined) return false;
  if (mark.mtime.seconds < bootTime()) {
    const text =
      'The machine stopped while the container ran, which was to go with its end: what it wrote may be damaged, remove it with corten rm';
    throw snapshotError('SNAPSHOT_VOLATILE_LOST', text);
  }
  mayMountAgain(directory);
  return true;
}

/** When the machine began to run, in seconds of the time of day: proc_stat(5). */
function bootTime(): number {
  return Number(/^btime (\d+)$/m.exec(readText('/proc/stat'))?.[1] ?? 0);
}
