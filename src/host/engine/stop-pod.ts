import { attempt } from '../kernel/call.ts';
import { LOCK, SIGNAL } from '../kernel/constants.ts';
import type { Fd } from '../kernel/files.ts';
import { sleep } from '../kernel/process.ts';
import { stopPod as endMonitor } from '../monitor/connect-pod.ts';
import { releasePod } from '../monitor/release-pod.ts';
import type { Places } from '../monitor/places.ts';
import { cgroupsAt } from '../runtime/delete-cgroups.ts';
import { hasSocket } from '../monitor/remove-container.ts';
import { connectContainer } from './connect-container.ts';
import { openContainer, statusOf } from './container-status.ts';
import { engineError } from './errors.ts';
import { memberPlaces } from './pods/pod-members.ts';
import { podConfigOf } from './pods/open-pod.ts';
import { podCgroup } from './pods/pod-config.ts';
import type { Roots } from './roots.ts';
import { signalContainer } from './signal-container.ts';
import { stopContainers } from './stop-container.ts';

const PAUSE_MS = 1;
const TRIES = 10_000;

/** Ends a pod's containers, all at once and each as stopContainer() does it, and then what kept their namespaces. */
export function stopPod(roots: Roots, places: Places, timeout: number | undefined): void {
  stopContainers(memberPlaces(roots, places), timeout);
  endKeeper(places);
}

/** Sends a signal to those that run; with SIGKILL the pod itself has ended too. */
export function killPod(roots: Roots, places: Places, signal: number): void {
  const running = memberPlaces(roots, places).filter((member) => isIn(member, 'running', 'restarting'));
  for (const member of running) signalContainer(member, signal);
  if (signal === SIGNAL.KILL) endKeeper(places);
}

function isIn(places: Places, ...states: readonly string[]): boolean {
  using directory = openContainer(places);
  return directory !== undefined && states.includes(statusOf(directory.number).state);
}

/** Ends the pod's monitor, or cleans up what one left that was killed. */
function endKeeper(places: Places): void {
  using directory = openContainer(places);
  if (directory === undefined) return;
  seize(directory, places);
  if (hasSocket(places)) releasePod(places, cgroupsOf(places));
}

/** The pod's directories in the cgroup hierarchies. */
export function cgroupsOf(places: Places): readonly string[] {
  const config = podConfigOf(places);
  const path = config === undefined ? undefined : podCgroup(config);
  return path === undefined ? [] : cgroupsAt(path);
}

/** Takes the lock of a pod's directory, ending its monitor. */
export function seize(directory: Fd, { name }: Places): void {
  for (let tries = 0; tries < TRIES; tries++) {
    if (attempt('flock', directory.number, LOCK.EX | LOCK.NB) === 0) return;
    using connection = connectContainer(directory);
    if (connection !== undefined) endMonitor(connection);
    else sleep(PAUSE_MS);
  }
  throw engineError('ENGINE_CONTAINER_BUSY', `The pod ${name} is in use by another command: try again`);
}
