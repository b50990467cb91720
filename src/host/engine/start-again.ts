import { O } from '../kernel/constants.ts';
import { openFile } from '../kernel/files.ts';
import { compactJournal } from '../monitor/journal.ts';
import { mayMountAgain } from '../snapshot/mount-overlay.ts';
import { startAgain } from '../monitor/start-monitor.ts';
import type { LastingState } from '../monitor/resume-monitor.ts';
import { readConfig } from './container-config.ts';
import { prepareContainer } from './prepare-container.ts';
import { rootsOf } from './roots.ts';

/** In a monitor: starts the container again that it kept the place of. */
export function startAgainFor(lasting: LastingState): void {
  const { places } = lasting;
  // Opened anew: a handler may have given this process mounts of its own, to which the descriptor that is locked
  // does not belong. It goes with the next execve.
  const directory = openFile(places.directory, O.RDONLY | O.DIRECTORY | O.NOFOLLOW).release();
  compactJournal(places.directory, directory);
  const config = readConfig(directory, places.name);
  const { isAutoRemove, hasTerminal, hasStdin } = config;
  if (isAutoRemove) mayMountAgain(directory);
  const prepare = () => prepareContainer(rootsOf(places), { config, places, directory });
  startAgain({ isAutoRemove, hasTerminal, hasStdin, prepare }, lasting);
}
