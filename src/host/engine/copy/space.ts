import type { IdMaps } from '../../../pure/spec/id-shift.ts';
import { attempt } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import type { Fd } from '../../kernel/files.ts';
import { tryOpenInRoot } from '../../kernel/mounts.ts';

/** Where paths mean something: the host, a container's root file system, or a volume of one. */
export interface Space {
  /** Follows links as the space has them: the descriptor or -errno. */
  open(path: string, flags: number): number;
  /** How a path of it is told to a person. */
  show(path: string): string;
  /** Whether mounts below are entered by who walks it: nobody but the host's administrator makes them. */
  readonly crossesMounts: boolean;
  readonly isReadOnly: boolean;
  /** Files are filled and not replaced: the container has them mounted. */
  readonly isInPlace: boolean;
  /** Where its owners are ids of the host: which are those of the container. */
  readonly ids?: IdMaps | undefined;
}

export const HOST: Space = {
  open: (path, flags) => attempt('open', path, flags | O.CLOEXEC, 0),
  show: (path) => path,
  crossesMounts: true,
  isReadOnly: false,
  isInPlace: false,
};

export interface Rooted {
  /** How the container's path of the root is told: the container's name and a colon, and the volume's place. */
  readonly shown: string;
  readonly isReadOnly: boolean;
  readonly isInPlace?: boolean;
  readonly ids?: IdMaps | undefined;
}

/** What lies below an open directory, which every link stays in. */
export function spaceBelow(root: Fd, { shown, isReadOnly, isInPlace = false, ids }: Rooted): Space {
  return {
    open: (path, flags) => tryOpenInRoot(root.number, path === '' ? '.' : path, flags),
    show: (path) => `${shown}${path}`,
    crossesMounts: false,
    isReadOnly,
    isInPlace,
    ids,
  };
}
