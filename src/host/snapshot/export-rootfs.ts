import type { IdShift } from '../../pure/spec/id-shift.ts';
import { TreeTar } from './tar/tree-tar.ts';
import { walkTree } from './tar/tree-walk.ts';

/**
 * Writes a whole root file system, as a lease has it, as a tar: every file of it and nothing of what is mounted in
 * it. The answer: bytes of the tar.
 */
export function writeTree(root: number, output: number, ids?: IdShift): number {
  const tar = new TreeTar(output, ids);
  walkTree(root, {
    visit: (node) => tar.add(node),
    enter: (node) => {
      tar.add(node);
      return true;
    },
  });
  return tar.finish();
}
