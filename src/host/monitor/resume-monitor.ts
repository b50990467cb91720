import { ending } from './ending.ts';
import { runLoop } from './loop/run-loop.ts';
import { becomeRestarting } from './loop/second-life.ts';
import { descriptorsOf, PROGRAM, type LastingState, type MonitorState } from './loop/state.ts';
import type { Places } from './places.ts';
import { attempt } from '../kernel/call.ts';
import { F, FD_CLOEXEC, PR } from '../kernel/constants.ts';

export type { LastingState };

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
  runLoop(state, {
    cleanUp: ({ places, cgroups, supervision, isAutoRemove }, isLast) => {
      const chunk = load(CLEAN_UP_CHUNK) as typeof import('./clean-up.chunk.ts');
      const release = isAutoRemove ? chunk.removeEnded : chunk.releaseEnded;
      (isLast ? release : chunk.releaseRuntime)(places, cgroups, supervision?.runtime);
    },
    announceEnd: ({ places }, code) => ending().announceEnd(places, code),
    tellMemory: (current, told, isEnded) => ending().tellMemory(current, told, isEnded),
    chunk: SMALL_CHUNK,
    firstLife: undefined,
    becomeSmall: () => undefined,
    restart: becomeRestarting,
  });
}

/** Reads what a monitor wrote for its next life. */
export function parseState(text: string): MonitorState {
  return JSON.parse(text) as MonitorState;
}

export function parsePlaces(text: string): Places {
  return JSON.parse(text) as Places;
}

export function parseLastingState(text: string): LastingState {
  return JSON.parse(text) as LastingState;
}
