import { imagesError } from '../errors.ts';

/** Bytes of a name or link in an archive of images: the kernel takes no longer path either (PATH_MAX). */
export const MAX_NAME = 4096;

/** What one layer may have at most: a bomb ends here if the disk doesn't end it before. */
export interface LayerLimits {
  /** Bytes, inflated or not. */
  readonly bytes: number;
  /** Inflated bytes for each byte that came, of what is larger than ALWAYS_ALLOWED. */
  readonly ratio: number;
  readonly entries: number;
}

const GIB = 2 ** 30;
/** Bytes that inflate from however little: no disk and no memory is in danger. */
const ALWAYS_ALLOWED = GIB;
const STANDARD: LayerLimits = { bytes: 128 * GIB, ratio: 2000, entries: 5_000_000 };

/** As the engine hands them on where a setting says otherwise: `CORTEN_LIMITS`, three numbers with commas between. */
export function layerLimits(text: string | undefined = process.env['CORTEN_LIMITS']): LayerLimits {
  const [gib, ratio, entries] = (text ?? '').split(',').map(Number);
  if (gib === undefined || ratio === undefined || entries === undefined) return STANDARD;
  return { bytes: gib * GIB, ratio, entries };
}

export interface Inflating {
  /** What errors call it. */
  readonly name: string;
  /** Bytes that have come out. */
  readonly inflated: number;
  /** Bytes that have gone in. */
  readonly taken: number;
}

/** Throws ARCHIVE_TOO_LARGE for what inflates to more than it may. */
export function checkInflated({ name, inflated, taken }: Inflating, limits = layerLimits()): void {
  if (inflated > limits.bytes) {
    const text = `${name} inflates to more than ${limits.bytes} bytes: limits.layer_gib of corten.toml allows more`;
    throw imagesError('ARCHIVE_TOO_LARGE', text);
  }
  if (inflated <= ALWAYS_ALLOWED || inflated <= taken * limits.ratio) return;
  const text = `${name} inflates to more than ${limits.ratio} times its ${taken} bytes: limits.layer_ratio of corten.toml allows more`;
  throw imagesError('ARCHIVE_TOO_LARGE', text);
}
