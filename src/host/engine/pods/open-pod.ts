import { attempt, isSysError, retry } from '../../kernel/call.ts';
import { LOCK, O } from '../../kernel/constants.ts';
import { openFile, type Fd } from '../../kernel/files.ts';
import type { Places } from '../../monitor/places.ts';
import { openContainer } from '../container-status.ts';
import { noSuchPod } from '../errors.ts';
import { POD_FILE, readPodConfig, type PodConfig } from './pod-config.ts';

/** What was wanted of a pod. Throws ENGINE_POD_DAMAGED, ENGINE_POD_NOT_FOUND. */
export function requirePodConfig(places: Places): PodConfig {
  using directory = openContainer(places);
  if (directory === undefined) throw noSuchPod(places.name);
  return readPodConfig(directory.number, places.name);
}

/** As requirePodConfig(); undefined for one that was never made whole, or is gone. */
export function podConfigOf(places: Places): PodConfig | undefined {
  try {
    return requirePodConfig(places);
  } catch {
    return undefined;
  }
}

/**
 * Locked until closed: `shared` by whoever puts a container into the pod, `alone` by whoever removes it with all that
 * are in it. undefined where there is no such pod (any more).
 */
export function lockPod({ directory }: Places, mode: 'shared' | 'alone'): Fd | undefined {
  try {
    const file = openFile(`${directory}/${POD_FILE}`, O.RDONLY | O.NOFOLLOW);
    retry('flock', file.number, mode === 'shared' ? LOCK.SH : LOCK.EX);
    // It may have been removed while we waited.
    if (attempt('access', `${directory}/${POD_FILE}`, 0) === 0) return file;
    file.close();
    return undefined;
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return undefined;
    throw error;
  }
}
