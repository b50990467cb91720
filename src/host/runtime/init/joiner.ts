import { sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { openFile, type Fd } from '../../kernel/files.ts';
import { joinNamespacesOf } from '../../kernel/process.ts';
import type { WindowSize } from '../../kernel/terminal.ts';
import { named } from '../errors.ts';
import { attributesModule } from '../process-attributes/process-attributes.ts';
import type { ProcessPlan } from '../plan/process.ts';
import { openConsole } from '../steps/console.ts';
import { adjustOomScore, joinCgroups } from '../steps/surroundings.ts';
import { become, withHome } from './become.ts';
import { awaitRelease, giveConsole } from './channel.ts';
import { guarded } from './guarded.ts';
import { findProgram } from './program.ts';
import { execute, type Stub } from './stub.ts';

export interface JoinerOptions {
  readonly plan: ProcessPlan;
  /** The container's init, as a pidfd. */
  readonly target: Fd;
  /** CLONE_ flags of what is joined at last. */
  readonly namespaces: number;
  readonly cgroups: readonly string[];
  readonly console: ConsoleWish | undefined;
  readonly stdio: readonly number[];
  readonly preservedFds: number;
  readonly oomScoreAdj: number | undefined;
  readonly stub: Stub;
  /** A descriptor that the stub needs. */
  readonly kept: number | undefined;
  readonly socket: Fd;
  /** Whether the pid namespace is joined for the stub's child alone, which is the leader of a session then. */
  readonly isBornLater: boolean;
}

export interface ConsoleWish {
  readonly uid: number;
  readonly size: WindowSize | undefined;
  /** Where the master goes; the parent if undefined. */
  readonly socket: number | undefined;
}

/** The life of an `exec`'s process until it is the program. Never returns, never throws. */
export function runJoiner(options: JoinerOptions): never {
  return guarded(options.socket, () => join(options));
}

function join({
  plan,
  target,
  namespaces,
  cgroups,
  console,
  stdio,
  preservedFds,
  oomScoreAdj,
  stub,
  kept,
  socket,
  isBornLater,
}: JoinerOptions): never {
  sys('umask', 0);
  if (!isBornLater) sys('setsid');
  stdio.forEach((from, to) => {
    if (from !== to) sys('dup3', from, to, 0);
  });
  const affinity = plan.attributes?.execCPUAffinity;
  if (affinity !== undefined) attributesModule().applyAffinity(affinity.initial);
  named('Join the cgroups', () => joinCgroups(cgroups));
  if (affinity !== undefined) attributesModule().applyAffinity(affinity.final);
  if (oomScoreAdj !== undefined)
    named(`Set oomScoreAdj to ${oomScoreAdj}`, () => adjustOomScore(oomScoreAdj));
  named('Join the namespaces', () => joinNamespacesOf(target, namespaces));
  if (console !== undefined) named('Open the console', () => takeConsole(console, socket, isBornLater));
  become(plan, preservedFds);
  const env = withHome(plan);
  const program = findProgram(plan.args[0] ?? '', env);
  awaitRelease(socket);
  return named(`Execute ${program}`, () => execute(stub, { program, args: plan.args, env, kept }));
}

function takeConsole({ uid, size, socket }: ConsoleWish, channel: Fd, isControlLater: boolean): void {
  using root = openFile('/', O.PATH | O.DIRECTORY);
  const give = (master: number): void => giveConsole(channel, socket, master);
  const wish = { root: root.number, uid, isSystemConsole: false, isControlLater, give };
  openConsole(size === undefined ? wish : { ...wish, size });
}
