import { attempt } from '../kernel/call.ts';
import { TREES_FOLDER } from './forms/trees-folder.ts';

const OTHER_FORMS = 'snapshot/forms/other-forms.chunk.js';

/**
 * Removes the directory trees of layers that nobody knows any more; `isKnown` is asked by the name that the layer's
 * EROFS file has. A store without such trees costs one system call. The answer: how many.
 */
export function sweepTrees(store: string, isKnown: (name: string) => boolean): number {
  if (attempt('access', `${store}/${TREES_FOLDER}`, 0) < 0) return 0;
  const { sweep } = load(OTHER_FORMS) as typeof import('./forms/other-forms.chunk.ts');
  return sweep(store, isKnown);
}
