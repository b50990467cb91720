import { attempt, sys } from '../../kernel/call.ts';
import { makeDirectories, readDirectory, type Fd } from '../../kernel/files.ts';
import { connectMonitor, requestLayers } from '../../monitor/connect-monitor.ts';
import type { LayerMount } from '../../snapshot/rootfs-request.ts';
import { openContainer } from '../container-status.ts';
import { layerHoldersFolder, placesOf, type Roots } from '../roots.ts';

/** Holders that are remembered of one layer, the newest first; a link's text has room for more. */
const MAX_HOLDERS = 16;
const PRIVATE = 0o700;

/**
 * Mounts of layers that running containers have already, by their files. One mount has one page cache, so what
 * containers of one image read is in memory once. Nothing depends on finding any: who might have a layer stands in
 * the text of a symbolic link, and its monitor is asked.
 */
export function sharedLayers(roots: Roots, files: readonly string[]): ReadonlyMap<string, Fd> {
  const found = new Map<string, Fd>();
  const asked = new Set<string>();
  for (const file of files) {
    for (const holder of found.has(file) ? [] : holdersOf(roots, file)) {
      if (asked.has(holder)) continue;
      asked.add(holder);
      const missing = files.filter((one) => !found.has(one));
      for (const [name, fd] of askHolder(roots, holder, missing)) found.set(name, fd);
      if (found.has(file)) break;
    }
  }
  return found;
}

/** Makes it known that a container has these layers. */
export function announceLayers(roots: Roots, id: string, layers: readonly LayerMount[]): void {
  if (layers.length === 0) return;
  const folder = layerHoldersFolder(roots);
  makeDirectories(folder, PRIVATE);
  for (const { file } of layers) {
    const others = holdersOf(roots, file).filter((holder) => holder !== id);
    const text = [id, ...others].slice(0, MAX_HOLDERS).join(' ');
    const temporary = `${folder}/${id}`;
    sys('symlink', text, temporary);
    sys('rename', temporary, linkOf(roots, file));
  }
}

/** Forgets who had layers that nobody knows any more. */
export function forgetLayers(roots: Roots, isKnown: (name: string) => boolean): void {
  const folder = layerHoldersFolder(roots);
  if (attempt('access', folder, 0) < 0) return;
  for (const name of readDirectory(folder)) if (!isKnown(name)) attempt('unlink', `${folder}/${name}`);
}

function holdersOf(roots: Roots, file: string): readonly string[] {
  const buffer = new Uint8Array(4096);
  const length = attempt('readlink', linkOf(roots, file), buffer, buffer.length);
  return length <= 0 ? [] : utf8(buffer, 0, length).split(' ');
}

function linkOf(roots: Roots, file: string): string {
  return `${layerHoldersFolder(roots)}/${file.slice(file.lastIndexOf('/') + 1)}`;
}

function askHolder(roots: Roots, id: string, files: readonly string[]): ReadonlyMap<string, Fd> {
  using directory = openContainer(placesOf(roots, id, ''));
  if (directory === undefined) return new Map();
  using connection = connectMonitor(directory.number);
  return connection === undefined ? new Map() : requestLayers(connection, files);
}
