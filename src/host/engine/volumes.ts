import {
  findVolume,
  listVolumes,
  requireVolume,
  sweepVolumes,
  type ListedVolume,
} from '../volume/list-volumes.ts';
import { makeVolume } from '../volume/make-volume.ts';
import { removeVolume as removeNamed } from '../volume/use-volume.ts';
import { volumeError } from '../volume/errors.ts';
import { isCortenError } from '../../pure/base/errors.ts';
import { randomId } from './names/random.ts';
import { recordVolume } from './record-event.ts';
import { recordPrune } from './record-prune.ts';
import type { Roots } from './roots.ts';
import type { Label } from './run-settings.ts';

export type { ListedVolume };

export interface VolumeRequest {
  /** Empty for a name that nobody else has. */
  readonly name: string;
  readonly labels: readonly Label[];
}

/** Makes a volume; its name. One that is there stays as it is. Throws VOLUME_EXISTS where its labels are others. */
export function createVolume(roots: Roots, { name: wanted, labels }: VolumeRequest): string {
  const name = wanted === '' ? randomId() : wanted;
  const created = new Date().toISOString();
  const record = { version: 1, name, created, labels, options: [], isAnonymous: wanted === '' } as const;
  while (!makeVolume(roots.store, record, randomId())) {
    const found = findVolume(roots.store, name);
    if (found === undefined) continue;
    if (labels.length === 0 || JSON.stringify(found.record.labels) === JSON.stringify(labels)) return name;
    const text = `The volume ${name} is there already, with other labels: choose another name, or remove it first`;
    throw volumeError('VOLUME_EXISTS', text);
  }
  recordVolume(roots, 'create', name);
  return name;
}

/** By name. */
export function allVolumes(roots: Roots): readonly ListedVolume[] {
  return listVolumes(roots.store);
}

/** In the shape of Docker's own answer (Engine API, VolumeInspect). Throws VOLUME_NOT_FOUND, VOLUME_DAMAGED. */
export function inspectVolume(roots: Roots, wanted: string): object {
  const { record, mountpoint } = requireVolume(roots.store, wanted);
  const { name, created, labels, options, isAnonymous } = record;
  return {
    CreatedAt: created,
    Driver: 'local',
    // Keys of strangers: Object.fromEntries defines them as own properties, whatever they are called.
    Labels: labels.length === 0 ? null : Object.fromEntries(labels),
    Mountpoint: mountpoint,
    Name: name,
    Options: options.length === 0 ? null : Object.fromEntries(options),
    Scope: 'local',
    Anonymous: isAnonymous,
  };
}

/** Throws VOLUME_NOT_FOUND, VOLUME_IN_USE. */
export function removeVolume(roots: Roots, name: string): void {
  removeNamed(roots.store, name);
  recordVolume(roots, 'destroy', name);
}

/** Removes the volumes that no container has, with `isAll` named ones too; their names. */
export function pruneVolumes(
  roots: Roots,
  isAll: boolean,
  fits: (volume: ListedVolume) => boolean,
): readonly string[] {
  sweepVolumes(roots.store);
  const removed = listVolumes(roots.store)
    .filter((one) => one.users.length === 0 && (isAll || one.record.isAnonymous) && fits(one))
    .filter(({ record }) => isRemoved(roots, record.name))
    .map(({ record }) => record.name);
  recordPrune(roots, 'volume', 0);
  return removed;
}

/** A container may have taken it meanwhile. */
function isRemoved(roots: Roots, name: string): boolean {
  try {
    removeVolume(roots, name);
    return true;
  } catch (error) {
    if (isCortenError(error) && (error.code === 'VOLUME_IN_USE' || error.code === 'VOLUME_NOT_FOUND'))
      return false;
    throw error;
  }
}
