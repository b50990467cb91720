import { attempt, isSysError, sys } from '../../kernel/call.ts';
import { makeDirectories, type Fd } from '../../kernel/files.ts';
import { lockDirectory, lockNames, readName, type Places } from '../../monitor/places.ts';
import { engineError } from '../errors.ts';
import { randomName } from './container-name.ts';

const PRIVATE = 0o700;
const SHORT_ID = 12;
/** Names without a number that are tried first. */
const PLAIN_TRIES = 4;

export interface Reserving {
  readonly id: string;
  /** undefined for any. */
  readonly wanted: string | undefined;
  /** What is to have the name, as errors call it, and the command that removes one. */
  readonly kind: 'container' | 'pod';
  readonly placesOf: (name: string) => Places;
}

export interface Reserved {
  readonly places: Places;
  /** Locked. */
  readonly directory: Fd;
}

/**
 * The name first, by which whatever a killed command leaves can be found and removed; then the directory. Both
 * under the lock of the names, so that nobody frees the name between. Throws ENGINE_NAME_TAKEN.
 */
export function reserve(reserving: Reserving): Reserved {
  const { id, wanted, placesOf } = reserving;
  const folder = openNames(placesOf(''));
  using _unlocked = folder;
  const places = placesOf(wanted ?? reserveRandomName(folder.number, id));
  if (wanted !== undefined) reserveName(folder.number, reserving, wanted);
  try {
    sys('mkdir', places.directory, PRIVATE);
    return { places, directory: lockDirectory(places.directory) };
  } catch (error) {
    attempt('unlinkat', folder.number, places.name, 0);
    throw error;
  }
}

function openNames({ names, directory }: Places): Fd {
  try {
    return lockNames(names, 'shared');
  } catch (error) {
    if (!isSysError(error, 'ENOENT')) throw error;
  }
  const parent = (path: string): string => path.slice(0, path.lastIndexOf('/'));
  makeDirectories(parent(names), PRIVATE);
  // The names last: whoever finds their folder takes the other for granted.
  for (const folder of [parent(directory), names]) makeDirectories(folder, PRIVATE);
  return lockNames(names, 'shared');
}

function reserveName(folder: number, { id, kind }: Reserving, name: string): void {
  try {
    sys('symlinkat', id, folder, name);
  } catch (error) {
    if (!isSysError(error, 'EEXIST')) throw error;
    const owner = readName(folder, name).slice(0, SHORT_ID);
    const command = kind === 'container' ? 'corten rm' : 'corten pod rm';
    const text = `The name "${name}" belongs to the ${kind} ${owner}: remove that one by ${command} ${name}, or choose another name`;
    throw engineError('ENGINE_NAME_TAKEN', text, error);
  }
}

function reserveRandomName(folder: number, id: string): string {
  for (let tries = 0; ; tries++) {
    const name = randomName(tries >= PLAIN_TRIES);
    const result = attempt('symlinkat', id, folder, name);
    if (result === 0) return name;
    if (result !== -17) sys('symlinkat', id, folder, name);
  }
}
