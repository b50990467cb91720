import type { IdShift } from '../../pure/spec/id-shift.ts';
import { sys } from '../kernel/call.ts';
import { O, S } from '../kernel/constants.ts';
import { openAt } from '../kernel/files.ts';
import { timedStatusAt } from '../kernel/stat.ts';
import { TreeTar, type TarSink } from './tar/tree-tar.ts';
import { walkTree, type TreeNode } from './tar/tree-walk.ts';

export type { TarSink };

export interface Packing {
  /** The directory that has it, open. */
  readonly directory: number;
  /** With a NUL at its end; "." is the directory itself. */
  readonly name: Uint8Array;
  /** What it is called in the archive; empty for a directory's content alone. */
  readonly as: Uint8Array;
  /** Whether mounts below are entered, which only the host's own may be. */
  readonly crossesMounts: boolean;
  /** What the owners are in the archive; as they are unless given. */
  readonly ids?: IdShift | undefined;
}

/** Packs a file, or a directory with all that is in it. The answer: bytes of the archive. Throws ENOENT. */
export function packNode(
  { directory, name, as, crossesMounts, ids }: Packing,
  output: number | TarSink,
): number {
  const status = timedStatusAt(directory, name);
  const tar = new TreeTar(output, ids);
  if (status === undefined || (status.mode & S.IFMT) !== S.IFDIR) {
    // Whoever is gone has an error of its own.
    sys('newfstatat', directory, name, new BigUint64Array(18), 0x100);
    if (status !== undefined) tar.add({ directory, name, path: as, status });
    return tar.finish();
  }
  using inside = openAt(directory, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  if (as.length > 0) tar.add({ directory, name, path: as, status });
  walkTree(inside.number, {
    visit: (node) => tar.add(below(as, node)),
    enter: (node) => {
      tar.add(below(as, node));
      return true;
    },
    crossesMounts,
  });
  return tar.finish();
}

function below(as: Uint8Array, node: TreeNode): TreeNode {
  if (as.length === 0) return node;
  const path = new Uint8Array(as.length + 1 + node.path.length);
  path.set(as);
  path[as.length] = 0x2f;
  path.set(node.path, as.length + 1);
  return { ...node, path };
}
