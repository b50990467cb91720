import type { ImageHealthcheck } from '../../../pure/spec/image.ts';
import { engineError } from '../errors.ts';
import type { HealthSetting, HealthWish } from '../run-settings.ts';

const NANO = 1e6;
/** Docker's (moby, daemon/health.go), in milliseconds. */
const DEFAULTS = {
  interval: 30_000,
  timeout: 30_000,
  startPeriod: 0,
  startInterval: 5000,
  retries: 3,
} as const;

/** The image's check with what the user wants otherwise; undefined where none is to be carried out. */
export function resolveHealth(
  wish: HealthWish | undefined,
  ofImage: ImageHealthcheck | undefined,
): HealthSetting | undefined {
  const test = wish?.test ?? ofImage?.Test ?? [];
  const [kind] = test;
  if (kind === 'NONE') return undefined;
  if ((kind !== 'CMD' && kind !== 'CMD-SHELL') || test.length < 2) {
    if (wish === undefined) return undefined;
    if (wish.test === undefined && ofImage !== undefined) return undefined;
    const text =
      'There is no health check to change: neither the image has one nor does --health-cmd name one';
    throw engineError('ENGINE_HEALTH_INVALID', text);
  }
  const chosen = (own: number | undefined, image: number | undefined, standard: number): number =>
    own || image || standard;
  const inMs = (nanoseconds = 0): number => nanoseconds / NANO;
  return {
    test,
    interval: chosen(wish?.interval, inMs(ofImage?.Interval), DEFAULTS.interval),
    timeout: chosen(wish?.timeout, inMs(ofImage?.Timeout), DEFAULTS.timeout),
    startPeriod: chosen(wish?.startPeriod, inMs(ofImage?.StartPeriod), DEFAULTS.startPeriod),
    startInterval: chosen(wish?.startInterval, inMs(ofImage?.StartInterval), DEFAULTS.startInterval),
    retries: chosen(wish?.retries, ofImage?.Retries, DEFAULTS.retries),
  };
}
