import { isCortenError } from '../../pure/base/errors.ts';
import { SIGNAL } from '../kernel/constants.ts';
import type { Fd } from '../kernel/files.ts';
import { signalNumber } from '../kernel/signals.ts';
import type { Places } from '../monitor/places.ts';
import { readConfig } from './container-config.ts';

/** Docker's. */
const DEFAULT_TIMEOUT = 10;

export interface StopSettings {
  readonly signal: number;
  /** Milliseconds; -1 for ever. */
  readonly timeout: number;
}

/** How a container wants to be stopped, with `timeout` seconds instead of its own. One whose file is damaged can be stopped all the same. */
export function stopSettingsOf(directory: Fd, { name }: Places, timeout: number | undefined): StopSettings {
  const inMs = (seconds: number): number => (seconds < 0 ? -1 : seconds * 1000);
  try {
    const { stopSignal, settings } = readConfig(directory.number, name);
    return {
      signal: signalNumber(stopSignal) ?? SIGNAL.TERM,
      timeout: inMs(timeout ?? settings?.stopTimeout ?? DEFAULT_TIMEOUT),
    };
  } catch (error) {
    if (!isCortenError(error) || error.code !== 'ENGINE_CONTAINER_DAMAGED') throw error;
    return { signal: SIGNAL.TERM, timeout: inMs(timeout ?? DEFAULT_TIMEOUT) };
  }
}
