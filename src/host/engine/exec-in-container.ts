import { isCortenError } from '../../pure/base/errors.ts';
import type { Process } from '../../pure/spec/runtime.ts';
import { readJournal } from '../monitor/journal.ts';
import type { Places } from '../monitor/places.ts';
import { execProcess, type ExecutedProcess } from '../runtime/exec.ts';
import { readConfig } from './container-config.ts';
import { openContainer, statusOf } from './container-status.ts';
import { engineError } from './errors.ts';
import { randomId } from './names/random.ts';
import { withVariable } from './spec/process-of.ts';
import { openRootOf } from './users/accounts.ts';
import { resolveUser, type ResolvedUser } from './users/resolve-user.ts';

export interface ExecRequest {
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly workingDirectory: string | undefined;
  readonly user: string | undefined;
  readonly hasTerminal: boolean;
  readonly consoleSize: { readonly height: number; readonly width: number } | undefined;
  readonly stdio: readonly [number, number, number];
}

export interface ExecutedInContainer extends ExecutedProcess {
  /** What its exit code means, where another runtime ran it: throws what kept the program from running. */
  readonly codeOf?: (code: number) => number;
}

/**
 * Runs one more program in a running container, as a child of the caller. Throws ENGINE_CONTAINER_NOT_RUNNING,
 * ENGINE_USER_UNKNOWN and what execProcess() throws.
 */
export function execInContainer(places: Places, request: ExecRequest): ExecutedInContainer {
  const user = request.user === undefined ? undefined : lookUp(places, request.user);
  try {
    return execProcess({
      root: places.runtimeRoot,
      id: places.id,
      process: (own) => processFrom(own, request, user),
      stdio: request.stdio,
      warn: () => undefined,
    });
  } catch (error) {
    if (!isCortenError(error)) throw error;
    if (error.code === 'RUNTIME_PAUSED') throw paused(places, error);
    if (error.code !== 'RUNTIME_NOT_RUNNING' && error.code !== 'RUNTIME_NOT_FOUND') throw error;
    // Ours alone are known to our runtime.
    return executedByOther(places, request, user) ?? notRunning(places, error);
  }
}

/** undefined for a container of our own runtime, or one that doesn't run. */
function executedByOther(
  places: Places,
  request: ExecRequest,
  user: ResolvedUser | undefined,
): ExecutedInContainer | undefined {
  using directory = openContainer(places);
  if (directory === undefined || statusOf(directory.number).state !== 'running') return undefined;
  const { settings } = readConfig(directory.number, places.name);
  if (settings?.runtime === undefined) return undefined;
  const { execByRuntime } = load(
    'monitor/exec-by-runtime.chunk.js',
  ) as typeof import('../monitor/exec-by-runtime.chunk.ts');
  return execByRuntime({
    places,
    runtime: settings.runtime,
    process: (own) => processFrom(own, request, user),
    stdio: request.stdio,
    unique: randomId(),
  });
}

/** By the accounts of the container as it is now. */
function lookUp(places: Places, text: string): ResolvedUser {
  using directory = openContainer(places);
  const pid = directory === undefined ? undefined : readJournal(directory.number).started?.pid;
  using root = pid === undefined ? undefined : openRootOf(pid);
  if (root === undefined) return notRunning(places);
  return resolveUser(root.number, text);
}

function paused({ name }: Places, cause: unknown): Error {
  const text = `The container ${name} is paused: corten unpause ${name} lets it go on`;
  return engineError('ENGINE_CONTAINER_PAUSED', text, cause);
}

function notRunning({ name }: Places, cause?: unknown): never {
  throw engineError('ENGINE_CONTAINER_NOT_RUNNING', `The container ${name} is not running`, cause);
}

function processFrom(own: Process, request: ExecRequest, user: ResolvedUser | undefined): Process {
  const { consoleSize: _ofInit, ...rest } = own;
  const held = (user?.uid ?? own.user.uid) === 0 ? own.capabilities.bounding : [];
  const term =
    request.hasTerminal && !own.env.some((variable) => variable.startsWith('TERM=')) ? ['TERM=xterm'] : [];
  return {
    ...rest,
    terminal: request.hasTerminal,
    ...(request.consoleSize === undefined ? {} : { consoleSize: request.consoleSize }),
    args: request.args,
    env: [...term, ...request.env].reduce(withVariable, own.env),
    cwd: request.workingDirectory ?? own.cwd,
    user: user === undefined ? own.user : { uid: user.uid, gid: user.gid, additionalGids: user.groups },
    capabilities: { ...own.capabilities, effective: held, permitted: held },
  };
}
