import { attempt, sys } from '../../kernel/call.ts';
import { MAGIC, O, RESOLVE, TIOC } from '../../kernel/constants.ts';
import type { Fd } from '../../kernel/files.ts';
import { attachMount, cloneTree, openInRoot } from '../../kernel/mounts.ts';
import { fileSystemOf, isCharacterDevice, statusOf } from '../../kernel/stat.ts';
import { openPeer, setWindowSize, type WindowSize } from '../../kernel/terminal.ts';
import { runtimeError } from '../errors.ts';
import { openOrdinaryFile } from './paths.ts';

export interface Console {
  readonly root: number;
  readonly uid: number;
  readonly size?: WindowSize;
  /** Whether the slave is also to be /dev/console. */
  readonly isSystemConsole: boolean;
  /** Whether it becomes the controlling terminal only later, of another process. */
  readonly isControlLater?: boolean;
  readonly give: (master: number) => void;
}

/** A pseudoterminal of the container's own devpts, as controlling terminal and standard streams of this process. */
export function openConsole({ root, uid, size, isSystemConsole, isControlLater, give }: Console): void {
  using master = openMaster(root);
  using slave = openPeer(master.number);
  if (size !== undefined) setWindowSize(master.number, size);
  if (isSystemConsole) bindConsole(root, slave);
  if (uid !== 0) sys('fchown', slave.number, uid, -1);
  give(master.number);
  if (isControlLater !== true) {
    // A leader of a session without a terminal: what TIOCSCTTY wants.
    attempt('setsid');
    sys('ioctl', slave.number, TIOC.SCTTY, 0);
  }
  for (const stream of [0, 1, 2]) sys('dup3', slave.number, stream, 0);
}

/** The multiplexer proven to be one, on a devpts (CVE-2025-52565). */
function openMaster(root: number): Fd {
  const master = openInRoot(root, '/dev/pts/ptmx', O.RDWR | O.NOCTTY, RESOLVE.NO_SYMLINKS);
  if (fileSystemOf(master.number) === MAGIC.DEVPTS && isCharacterDevice(statusOf(master.number), 5, 2))
    return master;
  master.close();
  throw runtimeError(
    'RUNTIME_CONSOLE',
    'The file /dev/pts/ptmx in the container is no terminal multiplexer: a terminal needs a devpts mount on /dev/pts',
  );
}

function bindConsole(root: number, slave: Fd): void {
  using place = openOrdinaryFile(root, '/dev/console');
  using tree = cloneTree(slave.number, '', false);
  attachMount(tree.number, place.number);
}
