import { attempt } from '../../kernel/call.ts';
import { LOCK } from '../../kernel/constants.ts';
import type { Fd } from '../../kernel/files.ts';
import { sleep } from '../../kernel/process.ts';
import { awaitStarted, connectMonitor, MonitorConnection } from '../../monitor/connect-monitor.ts';
import { readJournal } from '../../monitor/journal.ts';
import type { Places } from '../../monitor/places.ts';
import { hasSocket } from '../../monitor/remove-container.ts';
import { releasePod } from '../../monitor/release-pod.ts';
import { startPod } from '../../monitor/start-pod.ts';
import { cgroupsAt } from '../../runtime/delete-cgroups.ts';
import { openContainer } from '../container-status.ts';
import { engineError, noSuchPod } from '../errors.ts';
import { isProcess } from '../is-process.ts';
import type { Roots } from '../roots.ts';
import { memberPlaces } from './pod-members.ts';
import { podCgroup, readPodConfig } from './pod-config.ts';
import { preparePod } from './prepare-pod.ts';

const PAUSE_MS = 1;
const TRIES = 10_000;

/**
 * A connection to a pod's monitor, which is started if none lives. Throws what keeps it from running,
 * ENGINE_POD_LOST, ENGINE_CONTAINER_BUSY. Leaves the caller with all catchable signals blocked.
 */
export function runPod(roots: Roots, places: Places): MonitorConnection {
  for (let tries = 0; tries < TRIES; tries++) {
    const directory = openContainer(places);
    if (directory === undefined) throw noSuchPod(places.name);
    const connection = connectOrStart(roots, places, directory);
    directory.close();
    if (connection !== undefined) return connection;
    sleep(PAUSE_MS);
  }
  throw engineError(
    'ENGINE_CONTAINER_BUSY',
    `The pod ${places.name} is in use by another command: try again`,
  );
}

/** undefined where somebody else has it at this moment. */
function connectOrStart(roots: Roots, places: Places, directory: Fd): MonitorConnection | undefined {
  if (attempt('flock', directory.number, LOCK.EX | LOCK.NB) === 0) return start(roots, places, directory);
  const connection = connectMonitor(directory.number);
  if (connection !== undefined && connection.await(-1)?.length !== 0) return connection;
  connection?.close();
  return undefined;
}

function start(roots: Roots, places: Places, directory: Fd): MonitorConnection {
  const config = readPodConfig(directory.number, places.name);
  const path = podCgroup(config);
  const cgroups = path === undefined ? [] : cgroupsAt(path);
  refuseLost(roots, places, directory);
  if (hasSocket(places)) releasePod(places, cgroups);
  const connection = new MonitorConnection(
    startPod({
      places,
      directory,
      cgroups,
      endsWithLast: config.exitPolicy === 'stop',
      prepare: () => preparePod(roots, config, places),
    }),
  );
  awaitStarted(connection);
  return connection;
}

/** Namespaces that containers still are in can't be had again once their keeper was killed. */
function refuseLost(roots: Roots, places: Places, directory: Fd): void {
  // Not by its status: to look for a lock that we hold ourselves gives it up.
  if (readJournal(directory.number).exited !== undefined) return;
  const alive = memberPlaces(roots, places).filter((member) => {
    using own = openContainer(member);
    const started = own === undefined ? undefined : readJournal(own.number).started;
    return started !== undefined && isProcess(started.pid, started.startTime);
  });
  const [first] = alive;
  if (first === undefined || !hasSocket(places)) return;
  const text = `The monitor of the pod ${places.name} was killed while ${first.name} runs in it: corten pod restart ${places.name} makes it whole`;
  throw engineError('ENGINE_POD_LOST', text);
}
