import { attempt } from '../kernel/call.ts';
import { SIGNAL } from '../kernel/constants.ts';
import type { Fd } from '../kernel/files.ts';
import { waitFor } from '../kernel/process.ts';
import type { MadeCgroup } from './cgroup/make.ts';
import { removeCgroups } from './cgroup/remove.ts';
import type { ContainerHooks } from './hooks/container-hooks.ts';
import { EXEC_FIFO, REPORT_FIFO, STATE_FILE } from './state/names.ts';
import { removeAt } from './state/record.ts';

/** What has been made so far, to be unmade if the rest fails. */
export class Making {
  readonly directory: Fd;
  readonly #path: string;
  readonly cgroups: string[] = [];
  /** Whether somebody else is in one of them. */
  isShared = false;
  pid = 0;
  hooks: ContainerHooks | undefined;
  /** Where it came before init had ended its preparations. */
  console: Fd | undefined;

  constructor(directory: Fd, path: string) {
    this.directory = directory;
    this.#path = path;
  }

  addCgroup({ directory, isShared }: MadeCgroup): void {
    this.cgroups.push(directory);
    this.isShared ||= isShared;
  }

  undo(): void {
    this.console?.close();
    if (this.pid > 0) {
      attempt('kill', this.pid, SIGNAL.KILL);
      waitFor(this.pid);
    }
    removeCgroups(this.cgroups, this.isShared ? 'leave' : 'kill');
    this.hooks?.runAfterFailure();
    if (this.hooks !== undefined) removeAt(this.directory, REPORT_FIFO);
    for (const name of [EXEC_FIFO, STATE_FILE]) removeAt(this.directory, name);
    attempt('rmdir', this.#path);
  }
}
