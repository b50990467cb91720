import { attempt } from '../../kernel/call.ts';
import { makeDirectories, type Fd } from '../../kernel/files.ts';
import type { LayerMount } from '../../snapshot/rootfs-request.ts';
import { layerHoldersFolder, type Roots } from '../roots.ts';

/** Holders that are remembered of one layer, the newest first; a link's text has room for more. */
const MAX_HOLDERS = 16;
const PRIVATE = 0o700;
const NONE: ReadonlyMap<string, Fd> = new Map();
const ASK = 'engine/images/ask-holders.chunk.js';

/**
 * Mounts of layers that running containers have already, by their files. One mount has one page cache, so what
 * containers of one image read is in memory once. Nothing depends on finding any: who might have a layer stands in
 * the text of a symbolic link, and its monitor is asked. `id` is who wants to know.
 */
export function sharedLayers(roots: Roots, id: string, files: readonly string[]): ReadonlyMap<string, Fd> {
  const holders = new Map(files.map((file) => [file, holdersOf(roots, file).filter((one) => one !== id)]));
  if ([...holders.values()].every((ids) => ids.length === 0)) return NONE;
  return (load(ASK) as typeof import('./ask-holders.chunk.ts')).askHolders(roots, holders);
}

/** Makes it known that a container has these layers. */
export function announceLayers(roots: Roots, id: string, layers: readonly LayerMount[]): void {
  if (layers.length === 0) return;
  const folder = layerHoldersFolder(roots);
  makeDirectories(folder, PRIVATE);
  for (const { file } of layers) {
    const others = holdersOf(roots, file).filter((holder) => holder !== id);
    replaceLink(linkOf(roots, file), [id, ...others].slice(0, MAX_HOLDERS).join(' '));
  }
}

/** Whoever comes at the same time, or was killed here, costs nobody more than a mount of his own. */
function replaceLink(path: string, text: string): void {
  const temporary = `${path}.new`;
  if (attempt('symlink', text, temporary) < 0) {
    attempt('unlink', temporary);
    attempt('symlink', text, temporary);
  }
  attempt('rename', temporary, path);
}

function holdersOf(roots: Roots, file: string): readonly string[] {
  const buffer = new Uint8Array(4096);
  const length = attempt('readlink', linkOf(roots, file), buffer, buffer.length);
  return length <= 0 ? [] : utf8(buffer, 0, length).split(' ');
}

function linkOf(roots: Roots, file: string): string {
  return `${layerHoldersFolder(roots)}/${file.slice(file.lastIndexOf('/') + 1)}`;
}
