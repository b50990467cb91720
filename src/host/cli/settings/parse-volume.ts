import type { Volume, VolumeOptions } from '../../engine/run-request.ts';
import { usageError } from '../corten-context.ts';
import { absolutePath } from '../corten-paths.ts';

export const PROPAGATIONS: ReadonlySet<string> = new Set([
  'shared',
  'slave',
  'private',
  'rshared',
  'rslave',
  'rprivate',
]);
/** About labels of SELinux, and consistency on other systems: nothing to do here. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set(['z', 'Z', 'consistent', 'cached', 'delegated', 'rbind']);
/** Flags of the mount itself. */
const MOUNT_FLAGS: ReadonlySet<string> = new Set([
  'exec',
  'noexec',
  'suid',
  'nosuid',
  'dev',
  'nodev',
  'noatime',
  'relatime',
]);
/** What each option says more. */
const MORE: ReadonlyMap<string, VolumeOptions> = new Map([
  ['U', { isOwned: true }],
  ['nocopy', { isNotCopied: true }],
  ['idmap', { isIdMapped: true }],
  ['bind', { isNotRecursive: true }],
]);
const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;

/** `HOST:CONTAINER[:OPTIONS]` as Docker writes a bind mount, `NAME:CONTAINER` a volume, and a path alone a new one. */
export function parseVolume(text: string): Volume {
  const [first = '', second, mode = '', ...more] = text.split(':');
  if (more.length > 0) {
    throw usageError(
      `The volume "${text}" must be of the form HOST:CONTAINER, NAME:CONTAINER or CONTAINER, with :OPTIONS behind`,
    );
  }
  const [source, destination] = second === undefined ? ['', first] : [first, second];
  const options = mode === '' ? [] : mode.split(',');
  const flags = options.filter((one) => MOUNT_FLAGS.has(one));
  const unknown = options.find((one) => !isKnown(one));
  if (unknown !== undefined)
    throw usageError(`The option "${unknown}" of the volume "${text}" is unknown: use ro or rw`);
  const details: VolumeOptions = Object.assign(
    second === undefined ? { isAnonymous: true } : {},
    ...options.map((one) => MORE.get(one)),
    flags.length === 0 ? {} : { mount: flags },
  ) as VolumeOptions;
  return {
    ...sourceOf(source, text),
    destination: destinationOf(destination, text),
    isReadOnly: options.includes('ro'),
    propagation: options.find((one) => PROPAGATIONS.has(one)) ?? 'rprivate',
    mode,
    ...(Object.keys(details).length === 0 ? {} : { options: details }),
  };
}

function isKnown(option: string): boolean {
  const isPlain = option === 'ro' || option === 'rw' || WITHOUT_EFFECT.has(option);
  return isPlain || PROPAGATIONS.has(option) || MOUNT_FLAGS.has(option) || MORE.has(option);
}

function sourceOf(source: string, text: string): Pick<Volume, 'type' | 'source'> {
  if (source.startsWith('/') || source.startsWith('.')) return { type: 'bind', source: absolutePath(source) };
  if (source !== '' || text.startsWith(':')) checkVolumeName(source);
  return { type: 'volume', source };
}

export function checkVolumeName(name: string): void {
  if (VOLUME_NAME.test(name)) return;
  throw usageError(
    `The volume name "${name.slice(0, 80)}" is invalid: use letters, digits and _ . - with a letter or digit first, or an absolute path for a directory of the host`,
  );
}

export function destinationOf(path: string, text: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts[0] === 'proc')
    throw usageError(`The volume "${text}" would cover files of the kernel below /proc`);
  if (path.startsWith('/') && parts.length > 0 && !parts.includes('..')) return `/${parts.join('/')}`;
  throw usageError(
    `The volume "${text}" needs an absolute path in the container, below its root and without ".."`,
  );
}
