import { attempt } from '../kernel/call.ts';
import { F, FD_CLOEXEC, PR } from '../kernel/constants.ts';
import { PodLoop } from './pods/pod-loop.ts';
import { descriptorsOfPod, POD_PROGRAM, type PodState } from './pods/pod-state.ts';

const RELEASE_CHUNK = 'monitor/pods/release-pod.chunk.js';
/** Allocated bytes after which cycles are looked for. */
const COLLECTION_THRESHOLD = 1 << 20;

/** The life of a pod's monitor: its state, as JSON, is what the process that started it has made. */
export function resumePod(text: string): void {
  const state = JSON.parse(text) as PodState;
  gcThreshold(COLLECTION_THRESHOLD);
  trim();
  attempt('prctl', PR.SET_NAME, POD_PROGRAM, 0, 0, 0);
  for (const fd of descriptorsOfPod(state)) attempt('fcntl', fd, F.SETFD, FD_CLOEXEC);
  new PodLoop(state, ({ places, directory, cgroups }) => {
    const chunk = load(RELEASE_CHUNK) as typeof import('./pods/release-pod.chunk.ts');
    chunk.endPod({ places, directory, cgroups });
  }).run();
}
