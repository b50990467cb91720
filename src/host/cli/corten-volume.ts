import type { Volume } from '../engine/run-request.ts';
import { usageError } from './corten-context.ts';
import { absolutePath } from './corten-paths.ts';

const PROPAGATIONS: ReadonlySet<string> = new Set([
  'shared',
  'slave',
  'private',
  'rshared',
  'rslave',
  'rprivate',
]);
/** About labels of SELinux, consistency on other systems, and copying into named volumes: nothing to do for a bind. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'z',
  'Z',
  'consistent',
  'cached',
  'delegated',
  'nocopy',
]);

/** All volumes, the ones further up first: a mount on /a would hide what is on /a/b already. */
export function parseVolumes(texts: readonly string[]): readonly Volume[] {
  const volumes = texts.map(parseVolume);
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

/** `HOST:CONTAINER[:OPTIONS]`, as Docker writes a bind mount. */
export function parseVolume(text: string): Volume {
  const [source = '', destination, mode = '', ...more] = text.split(':');
  if (destination === undefined || more.length > 0) {
    throw usageError(`The volume "${text}" must be of the form HOST:CONTAINER or HOST:CONTAINER:OPTIONS`);
  }
  if (!source.startsWith('/') && !source.startsWith('.')) {
    throw usageError(
      `The volume "${text}" begins with no path: named volumes are not supported by this version, give a directory`,
    );
  }
  const options = mode === '' ? [] : mode.split(',');
  const unknown = options.find(
    (one) => one !== 'ro' && one !== 'rw' && !PROPAGATIONS.has(one) && !WITHOUT_EFFECT.has(one),
  );
  if (unknown !== undefined)
    throw usageError(`The option "${unknown}" of the volume "${text}" is unknown: use ro or rw`);
  return {
    source: absolutePath(source),
    destination: destinationOf(destination, text),
    isReadOnly: options.includes('ro'),
    propagation: options.find((one) => PROPAGATIONS.has(one)) ?? 'rprivate',
    mode,
  };
}

function destinationOf(path: string, text: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts[0] === 'proc')
    throw usageError(`The volume "${text}" would cover files of the kernel below /proc`);
  if (path.startsWith('/') && parts.length > 0 && !parts.includes('..')) return `/${parts.join('/')}`;
  throw usageError(
    `The volume "${text}" needs an absolute path in the container, below its root and without ".."`,
  );
}
