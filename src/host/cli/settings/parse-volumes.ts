import type { Volume } from '../../engine/run-request.ts';
import { attempt } from '../../kernel/call.ts';
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
  return inOrder([
    ...binds,
    ...timeZoneOf(options.text('tz')),
    ...parseMounts(options.list('mount'), options.list('tmpfs')),
  ]);
}

const ZONES = '/usr/share/zoneinfo';

/** What localtime(3) reads, from the host's own database: an image need have none. */
function timeZoneOf(zone: string | undefined): readonly Volume[] {
  if (zone === undefined) return [];
  const source = zone === 'local' ? '/etc/localtime' : `${ZONES}/${zone}`;
  const isName = /^[a-zA-Z0-9_+-]+(?:\/[a-zA-Z0-9_+-]+)*$/.test(zone);
  if (!isName || attempt('access', source, 0) !== 0)
    throw usageError(`The flag --tz takes local or a name of ${ZONES}, such as Europe/Berlin, not "${zone}"`);
  const plain = { type: 'bind', source, destination: '/etc/localtime', isReadOnly: true } as const;
  return [{ ...plain, propagation: 'rprivate', mode: '' }];
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
