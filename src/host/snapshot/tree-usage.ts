import { walkTree, type TreeNode } from './tar/tree-walk.ts';

export interface TreeUsage {
  /** Bytes that the files have. */
  readonly size: number;
  /** Bytes that they take on the disk. */
  readonly allocated: number;
  readonly files: number;
}

/** What an open directory's tree takes, each file with several names once. */
export function usageOf(directory: number): TreeUsage {
  const seen = new Set<string>();
  let size = 0;
  let allocated = 0;
  let files = 0;
  const add = ({ status }: TreeNode, hasContent: boolean): void => {
    const key = `${status.device}:${status.inode}`;
    if (hasContent && status.links > 1 && seen.has(key)) return;
    if (hasContent && status.links > 1) seen.add(key);
    size += hasContent ? status.size : 0;
    allocated += status.allocated;
    files++;
  };
  walkTree(directory, {
    visit: (node) => add(node, true),
    enter: (node) => {
      add(node, false);
      return true;
    },
  });
  return { size, allocated, files };
}
