import { makeVolume } from '../../volume/make-volume.ts';
import { useVolume, writeClaims } from '../../volume/use-volume.ts';
import { readConfig } from '../container-config.ts';
import { openContainer } from '../container-status.ts';
import { engineError } from '../errors.ts';
import { findContainer } from '../find-container.ts';
import { randomId } from '../names/random.ts';
import { recordVolume } from '../record-event.ts';
import type { Roots } from '../roots.ts';
import type { Volume } from '../run-request.ts';
import type { SecretSetting } from '../run-settings.ts';
import { readSecret } from '../secrets/secret-files.ts';

export interface VolumeWishes {
  readonly volumes: readonly Volume[];
  /** Directories that the image wants to be volumes. */
  readonly ofImage: readonly string[];
  /** Containers whose volumes are shown too. */
  readonly fromContainers: readonly string[];
}

/**
 * All volumes of a new container, every one with its name: those that the user asks for, else those of other
 * containers, else those of the image.
 */
export function resolveVolumes(roots: Roots, wishes: VolumeWishes): readonly Volume[] {
  const all = new Map(wishes.volumes.map((volume) => [volume.destination, volume]));
  const inherited = wishes.fromContainers.flatMap((text) => volumesOf(roots, text));
  const own = wishes.ofImage.map(normalized).map(anonymousAt);
  for (const volume of [...inherited, ...own]) {
    if (!all.has(volume.destination)) all.set(volume.destination, volume);
  }
  return [...all.values()].map(named).toSorted((a, b) => depthOf(a) - depthOf(b));
}

function depthOf({ destination }: Volume): number {
  return destination.split('/').length;
}

/** An image says it as it likes. */
function normalized(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.length > 0 && !parts.includes('..') && parts[0] !== 'proc') return `/${parts.join('/')}`;
  const text = `The image wants the volume "${path.slice(0, 80)}", which is no place for one: it can't be run`;
  throw engineError('ENGINE_IMAGE_VOLUME', text);
}

function anonymousAt(destination: string): Volume {
  return {
    type: 'volume',
    source: '',
    destination,
    isReadOnly: false,
    propagation: 'rprivate',
    mode: '',
    options: { isAnonymous: true },
  };
}

function named(volume: Volume): Volume {
  return volume.type === 'volume' && volume.source === '' ? { ...volume, source: randomId() } : volume;
}

/** Before anything is made. Throws ENGINE_SECRET_NOT_FOUND. */
export function requireSecrets(roots: Roots, secrets: readonly SecretSetting[]): void {
  const missing = secrets.find(({ name }) => readSecret(roots, name) === undefined);
  if (missing === undefined) return;
  const text = `There is no secret "${missing.name}": corten secret create ${missing.name} FILE makes one`;
  throw engineError('ENGINE_SECRET_NOT_FOUND', text);
}

/** `CONTAINER[:ro|:rw]`; its own anonymous volumes stay its own. */
function volumesOf(roots: Roots, text: string): readonly Volume[] {
  const [, wanted = '', mode] = /^(.*?)(?::(ro|rw|z|Z))?$/.exec(text) ?? [];
  const places = findContainer(roots, wanted);
  using directory = openContainer(places);
  if (directory === undefined) return [];
  const { volumes } = readConfig(directory.number, places.name);
  return volumes.map(({ options = {}, ...volume }) => {
    const { isAnonymous: _its, ...rest } = options;
    const shared = Object.keys(rest).length === 0 ? volume : { ...volume, options: rest };
    return mode === 'ro' ? { ...shared, isReadOnly: true } : shared;
  });
}

/** Makes the volumes that are missing, and notes that the container has them. `container` is its directory. */
export function claimVolumes(
  roots: Roots,
  volumes: readonly Volume[],
  { id, path }: { readonly id: string; readonly path: string },
): void {
  const claims = volumes
    .filter(({ type }) => type === 'volume')
    .map(({ source, options }) => ({ name: source, isAnonymous: options?.isAnonymous === true }));
  if (claims.length === 0) return;
  writeClaims(path, claims);
  for (const { name, isAnonymous } of claims) {
    while (!useVolume(roots.store, name, id)) {
      const created = new Date().toISOString();
      const record = { version: 1, name, created, labels: [], options: [], isAnonymous } as const;
      if (makeVolume(roots.store, record, randomId())) recordVolume(roots, 'create', name);
    }
  }
}
