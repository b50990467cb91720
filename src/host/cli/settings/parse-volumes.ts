import type { Volume } from '../../engine/run-request.ts';
import { usageError } from '../corten-context.ts';
import type { Options } from '../options.ts';
import { parseMounts } from './parse-mounts.ts';
import { parseVolume } from './parse-volume.ts';

/**
 * What --volume, --mount and --tmpfs ask for, the ones further up first: a mount on /a would hide what is on /a/b
 * already. Two for one place are refused.
 */
export function parseVolumes(options: Options): readonly Volume[] {
  const binds = options.list('volume').map(parseVolume);
  return inOrder([...binds, ...parseMounts(options.list('mount'), options.list('tmpfs'))]);
}

function inOrder(volumes: readonly Volume[]): readonly Volume[] {
  const seen = new Set<string>();
  for (const { destination } of volumes) {
    if (seen.has(destination)) throw usageError(`Two volumes want the place ${destination} in the container`);
    seen.add(destination);
  }
  return volumes.toSorted((a, b) => depthOf(a) - depthOf(b));
}

function depthOf({ destination }: Volume): number {
  return destination.split('/').length;
}
