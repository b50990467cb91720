import { architectureName } from '../../../pure/spec/architectures.ts';
import type { IndexEntry, Platform } from '../../../pure/spec/image.ts';
import { imagesError } from '../errors.ts';

/** What an image is wanted for, in Go's words, as image-spec asks (config.md#properties). */
export interface WantedPlatform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
  /** The start of Windows' version. */
  readonly osVersion?: string | undefined;
}

const ARCHITECTURES: ReadonlyMap<string, string> = new Map([
  ['x64', 'amd64'],
  ['ia32', '386'],
  ['ppc64', 'ppc64le'],
  ['loong64', 'loong64'],
]);
/** A processor of one variant runs those of the lower ones too. */
const NUMBERED = /^v(\d+)$/;
const DEFAULT_VARIANTS: ReadonlyMap<string, string> = new Map([
  ['arm', 'v7'],
  ['arm64', 'v8'],
  ['amd64', 'v1'],
]);
const PLATFORM = /^([a-z0-9]+)(?:\(([0-9.]+)\))?(?:\/([a-z0-9_-]+))?(?:\/([a-z0-9_.]+))?$/;
const SYSTEMS = new Set(['linux', 'windows', 'darwin', 'freebsd', 'android', 'wasip1', 'wasi', 'illumos']);

/** Node's `process.arch` as a platform. */
export function hostPlatform(arch: string): WantedPlatform {
  return { os: 'linux', architecture: ARCHITECTURES.get(arch) ?? arch };
}

/** `linux/arm64`, `linux/arm/v7`, `arm64` or `windows(10.0.17763)/amd64`, as containerd reads it. */
export function parsePlatform(text: string, host: WantedPlatform): WantedPlatform {
  const found = PLATFORM.exec(text.toLowerCase());
  if (found === null) {
    const shown = JSON.stringify(text.slice(0, 100));
    throw imagesError(
      'PLATFORM_INVALID',
      `The platform ${shown} is none: give it as linux/amd64 or linux/arm/v7`,
    );
  }
  const [, first = '', osVersion, second, third] = found;
  if (second === undefined && !SYSTEMS.has(first))
    return { os: 'linux', architecture: architectureName(first) };
  const architecture = second === undefined ? host.architecture : architectureName(second);
  return { os: first, architecture, variant: third, osVersion };
}

export function platformText({ os, architecture, variant, osVersion }: Partial<Platform>): string {
  const version = osVersion === undefined ? '' : `(${osVersion})`;
  return `${os}${version}/${architecture}${variant === undefined ? '' : `/${variant}`}`;
}

/** The entry for this machine; a single one is taken as it is. `where` is the index's name in errors. */
export function choosePlatform(
  entries: readonly IndexEntry[],
  host: WantedPlatform,
  where: string,
): IndexEntry {
  const [first, second] = entries.filter((entry) => !isAttestation(entry));
  if (first !== undefined && second === undefined) return first;
  return requirePlatform(entries, host, where);
}

/** The best entry that the platform can run; an entry that names no platform is taken for none. */
export function requirePlatform(
  entries: readonly IndexEntry[],
  wanted: WantedPlatform,
  where: string,
): IndexEntry {
  const images = entries.filter((entry) => !isAttestation(entry));
  const [match] = images
    .filter(({ platform }) => platform !== undefined && runsOn(platform, wanted))
    .toSorted((one, other) => rankOf(other) - rankOf(one));
  if (match !== undefined) return match;
  const there = images.map(({ platform }) => (platform ? platformText(platform) : 'unknown'));
  const list = there.length === 0 ? 'none at all' : [...new Set(there)].slice(0, 20).join(', ');
  throw imagesError('IMAGE_UNSUPPORTED', `${where} has no image for ${platformText(wanted)}, but ${list}`);
}

/** Whether an image for `platform` is one for the wanted platform. */
export function runsOn(
  platform: Omit<Platform, 'osVersion'> & Partial<Platform>,
  wanted: WantedPlatform,
): boolean {
  if (platform.os !== wanted.os || platform.architecture !== wanted.architecture) return false;
  if (wanted.osVersion !== undefined && platform.osVersion?.startsWith(wanted.osVersion) !== true)
    return false;
  const standard = DEFAULT_VARIANTS.get(wanted.architecture);
  const [offered, asked] = [platform.variant ?? standard, wanted.variant ?? standard];
  if (offered === asked) return true;
  const [low, high] = [numberOf(offered), numberOf(asked)];
  return low !== undefined && high !== undefined && low <= high;
}

/** BuildKit lists attestations beside the images that they speak of, as of platform unknown/unknown. */
export function isAttestation({ platform }: IndexEntry): boolean {
  return platform?.os === 'unknown';
}

function rankOf({ platform }: IndexEntry): number {
  return numberOf(platform?.variant ?? DEFAULT_VARIANTS.get(platform?.architecture ?? '')) ?? 0;
}

function numberOf(variant: string | undefined): number | undefined {
  const digits = NUMBERED.exec(variant ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}
