import { attempt } from '../../kernel/call.ts';
import { readDirectory } from '../../kernel/files.ts';
import { layerHoldersFolder, type Roots } from '../roots.ts';

/** Forgets who had layers that nobody knows any more. */
export function forgetLayers(roots: Roots, isKnown: (name: string) => boolean): void {
  const folder = layerHoldersFolder(roots);
  if (attempt('access', folder, 0) < 0) return;
  for (const name of readDirectory(folder)) if (!isKnown(name)) attempt('unlink', `${folder}/${name}`);
}
