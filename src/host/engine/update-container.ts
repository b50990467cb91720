import { isCortenError } from '../../pure/base/errors.ts';
import type { JsonObject } from '../../pure/base/json.ts';
import { retry } from '../kernel/call.ts';
import { LOCK, O } from '../kernel/constants.ts';
import { keptAfter, openAt, type Fd } from '../kernel/files.ts';
import type { Places } from '../monitor/places.ts';
import { updateContainer as updateIn } from '../runtime/update.ts';
import { readConfig, replaceConfig, type ContainerConfig } from './container-config.ts';
import { openContainer } from './container-status.ts';
import { engineError } from './errors.ts';
import { recordEvent } from './record-event.ts';
import type { Limits } from './run-request.ts';
import type { RestartSetting } from './run-settings.ts';
import { resourcesOf } from './spec/container-spec.ts';

const LOCK_FILE = 'config.lock';

export interface ContainerChange {
  /** Limits in place of those that it has; others stay. */
  readonly limits: Limits;
  readonly hasUnlimitedPids: boolean;
  /** From the next start on: the monitor of one that runs keeps its policy. */
  readonly restart?: RestartSetting | 'no';
}

/**
 * Changes what is wanted of a container, and at once what it has if it runs: what the kernel refuses changes
 * nothing of what is wanted.
 */
export function updateContainer(places: Places, change: ContainerChange): void {
  using directory = openContainer(places);
  if (directory === undefined) {
    throw engineError('ENGINE_CONTAINER_DAMAGED', `The container ${places.name} was never created whole`);
  }
  using _lock = lockConfig(directory);
  const config = readConfig(directory.number, places.name);
  applyIfRunning(places, change);
  replaceConfig(places.directory, changed(config, change));
  recordEvent(places, 'update');
}

function lockConfig(directory: Fd): Fd {
  const file = openAt(directory.number, LOCK_FILE, O.RDWR | O.CREAT | O.NOFOLLOW, 0o600);
  return keptAfter(file, () => void retry('flock', file.number, LOCK.EX));
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
