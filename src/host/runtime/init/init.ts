import { retry, sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { openFile, type Fd } from '../../kernel/files.ts';
import { ownMounts } from '../../kernel/own-mounts.ts';
import { named } from '../errors.ts';
import type { ContainerHooks } from '../hooks/container-hooks.ts';
import type { ContainerPlan } from '../plan/container.ts';
import type { BindStep } from '../plan/step.ts';
import type { StepContext } from '../steps/context.ts';
import { become, withHome } from './become.ts';
import { awaitRelease, giveConsole, send } from './channel.ts';
import { guarded } from './guarded.ts';
import { becomeMappedRoot } from './mapped-root.ts';
import { findProgram } from './program.ts';
import { runSteps } from './run-step.ts';
import { execute, type Stub } from './stub.ts';

export interface InitOptions {
  readonly plan: ContainerPlan;
  readonly rootfsMount: number | undefined;
  readonly stdio: readonly number[];
  readonly preservedFds: number;
  /** Where the console's master goes; the parent if undefined. */
  readonly consoleSocket: number | undefined;
  /** The FIFO to wait on for `start`, if that is wanted. */
  readonly fifo: string | undefined;
  readonly stub: Stub;
  /** A descriptor that the stub needs. */
  readonly kept: number | undefined;
  /** Those that the stubs of the hooks of startContainer need instead. */
  readonly keptForHooks: readonly number[] | undefined;
  readonly socket: Fd;
  readonly hooks: ContainerHooks | undefined;
  /** What the parent opened: all that binds show with `isMapped`, else where ids are mapped. */
  readonly sources: ReadonlyMap<BindStep, Fd> | undefined;
  /** For a user namespace, whose root may not enter the host's paths. */
  readonly mapped: { readonly fifo: Fd | undefined } | undefined;
}

/** The life of the new process until it is the container's program. Never returns, never throws. */
export function runInit(options: InitOptions): never {
  return guarded(options.socket, () => {
    ownMounts();
    if (options.mapped !== undefined) becomeMappedRoot(options.socket);
    return prepare(options);
  });
}

function prepare(options: InitOptions): never {
  const { plan, socket, stdio, preservedFds } = options;
  // Opened for both ways, so that it never is without a reader while this process waits.
  using fifo = openFifo(options);
  sys('umask', 0);
  sys('setsid');
  stdio.forEach((from, to) => {
    if (from !== to) sys('dup3', from, to, 0);
  });
  runSteps(plan.steps, contextOf(options));
  become(plan.process, preservedFds);
  const env = withHome(plan.process);
  const program = findProgram(plan.process.args[0] ?? '', env);
  awaitRelease(socket);
  if (fifo !== undefined) {
    send(socket, { type: 'ready' });
    awaitStart(fifo);
  }
  options.hooks?.runBeforeProgram(options);
  const { args } = plan.process;
  return named(`Execute ${program}`, () => execute(options.stub, { program, args, env, kept: options.kept }));
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) action();
    isDone = true;
  };
}

function openFifo({ fifo, mapped }: InitOptions): Fd | undefined {
  if (fifo === undefined) return undefined;
  return mapped?.fifo ?? openFile(fifo, O.RDWR | O.NOFOLLOW);
}

function contextOf({ plan, rootfsMount, consoleSocket, socket, sources, hooks }: InitOptions): StepContext {
  return {
    sources,
    rootfsMount,
    awaitCgroups: plan.joins ? once(() => awaitRelease(socket)) : () => undefined,
    runHooks: (root) => hooks?.runBeforePivot(socket, root),
    giveConsole: (master) => giveConsole(socket, consoleSocket, master),
    root: undefined,
    emptyDirectory: undefined,
    nullDevice: undefined,
  };
}

/** Blocks until `start` writes its byte. */
function awaitStart(fifo: Fd): void {
  retry('read', fifo.number, new Uint8Array(1), 1);
}
