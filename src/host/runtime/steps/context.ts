import type { Fd } from '../../kernel/files.ts';
import type { BindStep } from '../plan/step.ts';

/** What the steps of one container's init hand on to each other. */
export interface StepContext {
  /** What binds show, where init may not enter the host's paths by itself or ids are mapped. */
  readonly sources: ReadonlyMap<BindStep, Fd> | undefined;
  /** The root file system as a detached mount, if the caller brings one. */
  readonly rootfsMount: number | undefined;
  /** Returns when the container's cgroups have been made; does not return if they never will be. */
  readonly awaitCgroups: () => void;
  /** Runs the hooks that see the root file system before it becomes the root. */
  readonly runHooks: (root: number) => void;
  /** Gets the console's master. */
  readonly giveConsole: (master: number) => void;
  /** The root of the container's tree, once entered. */
  root: Fd | undefined;
  /** An empty read-only tmpfs for masked directories, made at first need. */
  emptyDirectory: Fd | undefined;
  /** The container's /dev/null, proven to be one. */
  nullDevice: Fd | undefined;
}
