import { sys } from '../kernel/call.ts';
import { becomeNodeProgram } from './become-node-program.ts';
import { refusedTransports } from './registries/policy.ts';
import { canonicalPath } from './node/trusted.ts';
import { openInput } from './transfer/open-input.ts';
import type { Roots } from './roots.ts';
import { setting } from './settings.ts';

export interface LoadRequest {
  /** The archive or the directory; standard input if undefined. */
  readonly path: string | undefined;
  /** The only image that is wanted, by its name within. */
  readonly name: string | undefined;
  readonly isQuiet: boolean;
}

/** Loads the images of an archive, and ends this process with its exit code. */
export function loadImages(roots: Roots, { path, name, isQuiet }: LoadRequest): never {
  const words = ['load', ...(isQuiet ? ['--quiet'] : []), ...(name === undefined ? [] : ['--name', name])];
  if (setting('store.keep_blobs') === 'no') words.push('--drop-blobs');
  for (const transport of refusedTransports()) words.push('--refuse', transport);
  const input = path === undefined ? undefined : openInput(path);
  if (input?.isDirectory === true && path !== undefined) {
    const directory = canonicalPath(path) ?? path;
    const call = {
      words: [...words, '--directory', directory],
      hasNetwork: false,
      hasEvents: true,
      readable: [directory],
    };
    return becomeNodeProgram(roots, call, environ());
  }
  if (input !== undefined) sys('dup3', input.file.number, 0, 0);
  return becomeNodeProgram(roots, { words, hasNetwork: false, hasEvents: true, readable: [] }, environ());
}
