import type { Roots } from '../engine/roots.ts';
import type { CidFile } from './corten-pending.chunk.ts';
import type { Options } from './options.ts';

type Chunk = typeof import('./corten-pending.chunk.ts');

function chunk(): Chunk {
  return load('cli/corten-pending.chunk.js') as Chunk;
}

/** The file that a flag names for an ID; undefined where none is wanted. */
export function cidFileOf(options: Options, flag = 'cidfile'): CidFile | undefined {
  const path = options.text(flag);
  return path === undefined ? undefined : new (chunk().CidFile)(path, flag);
}

/** --replace: whoever has the name makes room. */
export function replaceIfWanted(roots: Roots, options: Options): void {
  if (options.isOn('replace')) chunk().makeRoom(roots, options);
}
