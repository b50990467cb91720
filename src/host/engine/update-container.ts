import { isCortenError } from '../../pure/base/errors.ts';
import type { JsonObject } from '../../pure/base/json.ts';
import { sendPolicy } from '../monitor/connect-monitor.ts';
import type { Places } from '../monitor/places.ts';
import { updateContainer as updateIn } from '../runtime/update.ts';
import { changeConfig } from './change-config.ts';
import { connectContainer } from './connect-container.ts';
import { readConfig, type ContainerConfig } from './container-config.ts';
import { openContainer } from './container-status.ts';
import { recordEvent } from './record-event.ts';
import type { Limits } from './run-request.ts';
import type { RestartSetting } from './run-settings.ts';
import { policyOf } from './supervision-of.ts';
import { resourcesOf } from './spec/container-spec.ts';

export interface ContainerChange {
  /** Limits in place of those that it has; others stay. */
  readonly limits: Limits;
  readonly hasUnlimitedPids: boolean;
  readonly restart?: RestartSetting | 'no';
}

/**
 * Changes what is wanted of a container, and at once what it has if it runs: what the kernel refuses changes
 * nothing of what is wanted.
 */
export function updateContainer(places: Places, change: ContainerChange): void {
  changeConfig(places, (config) => {
    applyIfRunning(places, change);
    return changed(config, change);
  });
  if (change.restart !== undefined) tellMonitor(places);
  recordEvent(places, 'update');
}

/** The policy as it is wanted now, for the next end of one that runs. */
function tellMonitor(places: Places): void {
  using directory = openContainer(places);
  using connection = directory === undefined ? undefined : connectContainer(directory);
  if (directory === undefined || connection === undefined) return;
  const { settings, stopSignal } = readConfig(directory.number, places.name);
  const { restart } = settings ?? {};
  sendPolicy(connection, restart === undefined ? undefined : policyOf(restart, stopSignal));
}

function applyIfRunning({ runtimeRoot, id }: Places, { limits, hasUnlimitedPids }: ContainerChange): void {
  const { devices: _unchanged, ...resources } = resourcesOf(limits);
  const document = hasUnlimitedPids ? { ...resources, pids: { limit: -1 } } : resources;
  try {
    updateIn(runtimeRoot, id, document as unknown as JsonObject);
  } catch (error) {
    if (!isCortenError(error)) throw error;
    if (error.code !== 'RUNTIME_NOT_RUNNING' && error.code !== 'RUNTIME_NOT_FOUND') throw error;
  }
}

function changed(config: ContainerConfig, change: ContainerChange): ContainerConfig {
  const { limits, hasUnlimitedPids, restart } = change;
  const { pids: _pids, ...others } = config.limits;
  const updated = { ...config, limits: { ...(hasUnlimitedPids ? others : config.limits), ...limits } };
  if (restart === undefined) return updated;
  const { restart: _before, ...settings } = config.settings ?? {};
  return { ...updated, settings: restart === 'no' ? settings : { ...settings, restart } };
}
