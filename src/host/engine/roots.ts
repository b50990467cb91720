import { valueOf } from '../../pure/config/settings.ts';
import type { Places } from '../monitor/places.ts';
import type { NetworkRoots } from '../network/types.ts';
import { engineError } from './errors.ts';
import { foundSettings } from './settings.ts';

/** Where everything lies. */
export interface Roots {
  /** What lasts: images, containers, names. */
  readonly store: string;
  /** What a restart of the machine ends. */
  readonly run: string;
}

/** From CORTEN_ROOT and CORTEN_RUN among the variables, `NAME=value` each, or the files of settings. */
export function rootsFrom(variables: readonly string[]): Roots {
  const [store, run] = [absolute('CORTEN_ROOT', variables), absolute('CORTEN_RUN', variables)];
  const found = foundSettings(variables);
  return { store: store ?? valueOf(found, 'store.root'), run: run ?? valueOf(found, 'store.run') };
}

function absolute(name: string, variables: readonly string[]): string | undefined {
  const path = variables.find((variable) => variable.startsWith(`${name}=`))?.slice(name.length + 1);
  if (path === undefined || path === '') return undefined;
  if (path.startsWith('/')) return path.replace(/(?<=.)\/+$/, '');
  throw engineError('ENGINE_ROOT_RELATIVE', `The variable ${name} must be an absolute path, not "${path}"`);
}

function containersFolder({ store }: Roots): string {
  return `${store}/containers`;
}

export function namesFolder({ store }: Roots): string {
  return `${store}/names`;
}

/** Where events are on record. */
export function eventsFolder({ store }: Roots): string {
  return `${store}/events`;
}

/** A directory with the mount points of every container, below all layers. */
export function skeletonFolder({ store }: Roots): string {
  return `${store}/skeleton`;
}

/** Symbolic links whose texts say which containers have a layer mounted. */
export function layerHoldersFolder({ run }: Roots): string {
  return `${run}/layers`;
}

/** Where images are mounted that somebody wants to look at. */
export function imageMountsFolder({ run }: Roots): string {
  return `${run}/images`;
}

/** The roots that placesOf() made them from. */
export function rootsOf({ id, directory, runtimeRoot }: Places): Roots {
  return {
    store: directory.slice(0, -`/containers/${id}`.length),
    run: runtimeRoot.slice(0, -'/runt'.length),
  };
}

export function placesOf(roots: Roots, id: string, name: string): Places {
  return {
    id,
    name,
    directory: `${containersFolder(roots)}/${id}`,
    runtimeRoot: `${roots.run}/runt`,
    names: namesFolder(roots),
    events: eventsFolder(roots),
  };
}

function podsFolder({ store }: Roots): string {
  return `${store}/pods`;
}

export function podNamesFolder({ store }: Roots): string {
  return `${store}/pod-names`;
}

/** As placesOf(), of a pod. */
export function podPlacesOf(roots: Roots, id: string, name: string): Places {
  return {
    ...placesOf(roots, id, name),
    directory: `${podsFolder(roots)}/${id}`,
    names: podNamesFolder(roots),
  };
}

/** Where networks lie. */
export function networkRoots({ store, run }: Roots): NetworkRoots {
  return { store: `${store}/networks`, run: `${run}/networks` };
}
