import type { Fd } from '../kernel/files.ts';
import { sleep } from '../kernel/process.ts';
import { connectMonitor, type MonitorConnection } from '../monitor/connect-monitor.ts';
import { isMonitored } from '../monitor/places.ts';

const PAUSE_MS = 1;
const TRIES = 10_000;

/**
 * A connection to a container's monitor; undefined if none lives. One that is only just starting is waited for.
 * `directory` is the container's, open.
 */
export function connectContainer(directory: Fd): MonitorConnection | undefined {
  for (let tries = 0; tries < TRIES; tries++) {
    const connection = connectMonitor(directory.number);
    if (connection !== undefined || !isMonitored(directory.number)) return connection;
    sleep(PAUSE_MS);
  }
  return undefined;
}
