import { attempt } from '../kernel/call.ts';
import { SIGNAL } from '../kernel/constants.ts';
import type { Fd } from '../kernel/files.ts';
import { waitFor } from '../kernel/process.ts';
import type { MadeCgroup } from './cgroup/make.ts';
import { removeCgroups } from './cgroup/remove.ts';
import type { ContainerHooks } from './hooks/container-hooks.ts';
import { removeFifo } from './state/fifos.ts';
import type { StateFile } from './state/file.ts';
import { EXEC_FIFOS, REPORT_FIFOS } from './state/names.ts';

/** What has been made so far, to be unmade if the rest fails. */
export class Making {
  readonly file: StateFile;
  readonly cgroups: string[] = [];
  /** Whether somebody else is in one of them. */
  isShared = false;
  pid = 0;
  hooks: ContainerHooks | undefined;
  /** Where it came before init had ended its preparations. */
  console: Fd | undefined;

  constructor(file: StateFile) {
    this.file = file;
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
    if (this.hooks !== undefined) removeFifo(this.file, REPORT_FIFOS);
    removeFifo(this.file, EXEC_FIFOS);
    this.file.remove();
  }
}
