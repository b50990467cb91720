import type { HookKind, Hooks, Spec } from '../../../pure/spec/runtime.ts';
import { encode, openFile, writeAll, type Fd } from '../../kernel/files.ts';
import { sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { runtimeError } from '../errors.ts';
import { awaitRelease, listen, release, send, toRecord } from '../init/channel.ts';
import type { Stub } from '../init/stub.ts';
import { makeFifo, removeFifo } from '../state/fifos.ts';
import { fifoPath, REPORT_FIFOS, type ContainerName } from '../state/names.ts';
import { hasHooksAtStart, hasHooksBeforePivot } from './hook-times.ts';
import { runHooks, runPoststop, type HookMoment, type HookSubject } from './run-hooks.ts';

/** What the processes of the container's own tree go through, and what their seccomp listeners are sent over. */
interface Confined {
  readonly stub: Stub;
  readonly kept: number | undefined;
  readonly keptForHooks: readonly number[] | undefined;
}

export interface HookedContainer {
  readonly spec: Spec;
  readonly hooks: Hooks;
  readonly root: string;
  readonly id: string;
  readonly bundle: string;
  readonly start: 'wait' | 'now';
  readonly warn: (message: string) => void;
}

/** The hooks of a container that is being made: the parent's side and, after the fork, init's. */
export class ContainerHooks {
  readonly #container: HookedContainer;
  readonly #subject: HookSubject;
  /** Where init tells `start` what became of it; open for both ways, so that opening it waits for nobody. */
  readonly #report: Fd | undefined;
  #hasBegun = false;

  private constructor(container: HookedContainer, report: Fd | undefined) {
    const { spec, id, bundle } = container;
    this.#container = container;
    this.#subject = { ociVersion: spec.ociVersion, id, bundle, annotations: spec.annotations };
    this.#report = report;
  }

  static of(container: HookedContainer): ContainerHooks {
    const { hooks, start } = container;
    if (start === 'now' || !hasHooksAtStart(hooks)) return new ContainerHooks(container, undefined);
    return new ContainerHooks(container, makeReport(container));
  }

  /** In the parent: waits for init's mounts, runs what comes then and lets init go on. The console, if init sent it. */
  runOutside(socket: Fd, pid: number): Fd | undefined {
    if (!hasHooksBeforePivot(this.#container.hooks)) return undefined;
    const { console, end } = listen(socket);
    try {
      if (end !== 'mounted') {
        throw runtimeError('RUNTIME_INIT_DIED', 'The init process ended before its mounts were made');
      }
      this.#hasBegun = true;
      const directory = this.#subject.bundle;
      this.#run('prestart', { status: 'creating', pid, directory });
      this.#run('createRuntime', { status: 'creating', pid, directory });
      release(socket);
      return console;
    } catch (error) {
      console?.close();
      throw error;
    }
  }

  /** In init, with the host's tree still in sight. */
  runBeforePivot(socket: Fd, root: number): void {
    send(socket, { type: 'mounted' });
    awaitRelease(socket);
    sys('umask', 0o022);
    this.#run('createContainer', { status: 'creating', pid: sys('getpid'), directory: root });
    sys('umask', 0);
  }

  /** In init, when it is the container's user already. */
  runBeforeProgram({ stub, kept, keptForHooks }: Confined): void {
    try {
      const moment = { status: 'created', pid: sys('getpid'), stub, kept, keptForHooks } as const;
      this.#run('startContainer', moment);
    } catch (error) {
      if (this.#report !== undefined) {
        writeAll(this.#report.number, encode(JSON.stringify({ type: 'failed', error: toRecord(error) })));
      }
      throw error;
    }
  }

  /** In the parent, where the program was executed at once. Whoever calls stops a container whose hook fails. */
  runAfterStart(pid: number): void {
    this.#run('poststart', { status: 'running', pid, directory: this.#container.bundle });
  }

  /** In the parent, for a container that came to nothing: whatever its hooks made is theirs to unmake. */
  runAfterFailure(): void {
    const { hooks, warn } = this.#container;
    if (this.#hasBegun) runPoststop(hooks, this.#subject, warn);
  }

  #run(kind: HookKind, moment: Omit<HookMoment, 'subject'>): void {
    runHooks(this.#container.hooks, kind, { subject: this.#subject, ...moment });
  }

  /** In the parent after the fork. */
  [Symbol.dispose](): void {
    this.#report?.close();
  }
}

function makeReport(name: ContainerName): Fd {
  try {
    makeFifo(name, REPORT_FIFOS);
    return openFile(fifoPath(name, REPORT_FIFOS), O.RDWR | O.NOFOLLOW);
  } catch (error) {
    removeFifo(name, REPORT_FIFOS);
    throw error;
  }
}
