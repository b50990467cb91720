import { SIGNAL } from '../kernel/constants.ts';
import { signalNumber } from '../kernel/signals.ts';
import type { RestartPolicy, Supervision } from '../monitor/supervision.ts';
import type { ContainerConfig } from './container-config.ts';
import type { RestartSetting } from './run-settings.ts';

export function policyOf(restart: RestartSetting, stopSignal: string): RestartPolicy {
  return { ...restart, stopSignal: signalNumber(stopSignal) ?? SIGNAL.TERM, restarts: 0, delay: 0 };
}

/** What of a container's configuration its monitor has to see to; undefined for nothing. */
export function supervisionOf({ settings, stopSignal, health }: ContainerConfig): Supervision | undefined {
  const { restart, timeout, log, runtime } = settings ?? {};
  const isAny = [restart, health, timeout, log, runtime].some((one) => one !== undefined);
  if (!isAny) return undefined;
  return {
    ...(restart === undefined ? {} : { restart: policyOf(restart, stopSignal) }),
    ...(health === undefined
      ? {}
      : { health: { interval: health.interval, startInterval: health.startInterval } }),
    ...(timeout === undefined ? {} : { timeout: timeout * 1000 }),
    ...(log === undefined ? {} : { log }),
    ...(runtime === undefined ? {} : { runtime }),
  };
}
