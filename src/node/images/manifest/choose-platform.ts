import type { IndexEntry } from '../../../pure/spec/image.ts';
import { imagesError } from '../errors.ts';

/** What this machine runs, in Go's words, as image-spec asks (config.md#properties). */
export interface HostPlatform {
  readonly os: string;
  readonly architecture: string;
}

const ARCHITECTURES: ReadonlyMap<string, string> = new Map([
  ['x64', 'amd64'],
  ['ia32', '386'],
  ['ppc64', 'ppc64le'],
  ['loong64', 'loong64'],
]);

/** Node's `process.arch` as a platform. */
export function hostPlatform(arch: string): HostPlatform {
  return { os: 'linux', architecture: ARCHITECTURES.get(arch) ?? arch };
}

/** The entry for this machine; a single one is taken as it is. `where` is the index's name in errors. */
export function choosePlatform(
  entries: readonly IndexEntry[],
  host: HostPlatform,
  where: string,
): IndexEntry {
  const images = entries.filter((entry) => !isAttestation(entry));
  const [first, second] = images;
  if (first !== undefined && second === undefined) return first;
  const match = images.find(
    ({ platform }) => platform?.os === host.os && platform.architecture === host.architecture,
  );
  if (match !== undefined) return match;
  const there = images.map(({ platform }) =>
    platform ? `${platform.os}/${platform.architecture}` : 'unknown',
  );
  const list = there.length === 0 ? 'none at all' : [...new Set(there)].slice(0, 20).join(', ');
  throw imagesError(
    'IMAGE_UNSUPPORTED',
    `${where} has no image for ${host.os}/${host.architecture}, but ${list}`,
  );
}

/** BuildKit lists attestations beside the images that they speak of, as of platform unknown/unknown. */
export function isAttestation({ platform }: IndexEntry): boolean {
  return platform?.os === 'unknown';
}
