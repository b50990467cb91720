import type { Places } from './places.ts';
import { runLoop } from './loop/run-loop.ts';
import { descriptorsOf, PROGRAM, type MonitorState } from './loop/state.ts';
import { attempt } from '../kernel/call.ts';
import { F, FD_CLOEXEC, PR } from '../kernel/constants.ts';

const CLEAN_UP_CHUNK = 'monitor/clean-up.chunk.js';
/** Allocated bytes after which cycles are looked for; this process may live for years. */
const COLLECTION_THRESHOLD = 1 << 20;
/** Bytes of output read at once: buffers of this size stay with a monitor once its container has written. */
const SMALL_CHUNK = 16384;

/** The monitor's second life: `state` is what the first handed over by execve(2). */
export function resumeMonitor(state: MonitorState): void {
  gcThreshold(COLLECTION_THRESHOLD);
  trim();
  attempt('prctl', PR.SET_NAME, PROGRAM, 0, 0, 0);
  for (const fd of descriptorsOf(state)) attempt('fcntl', fd, F.SETFD, FD_CLOEXEC);
  const cleanUp = (places: Places, cgroups: readonly string[]): void => {
    const { removeEnded, releaseEnded } = load(CLEAN_UP_CHUNK) as typeof import('./clean-up.chunk.ts');
    const clean = state.isAutoRemove ? removeEnded : releaseEnded;
    clean(places, cgroups);
  };
  runLoop(state, { cleanUp, chunk: SMALL_CHUNK, firstLife: undefined, becomeSmall: () => undefined });
}

/** Reads what becomeSecondLife() wrote. */
export function parseState(text: string): MonitorState {
  return JSON.parse(text) as MonitorState;
}
