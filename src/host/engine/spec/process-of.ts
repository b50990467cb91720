import type { ImageProcess } from '../../../pure/spec/image.ts';
import { engineError } from '../errors.ts';
import type { RunRequest } from '../run-request.ts';

/** Docker's default, for images that set none. */
const DEFAULT_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface WantedProcess {
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly workingDirectory: string;
  readonly user: string;
}

/** What the image says and the user overrides. Throws ENGINE_COMMAND_MISSING. */
export function processOf(request: RunRequest, image: ImageProcess | undefined): WantedProcess {
  const { entrypoint, command } = argumentsOf(request, image);
  if (entrypoint.length + command.length === 0) {
    throw engineError('ENGINE_COMMAND_MISSING', 'There is nothing to run: name a program after the image');
  }
  return {
    entrypoint,
    command,
    env: request.env.reduce(withVariable, keptOf(image?.Env ?? [], request)),
    workingDirectory: absolute(request.workingDirectory ?? image?.WorkingDir ?? '/'),
    // Docker takes an empty one as none.
    user: request.user || (image?.User ?? ''),
  };
}

function keptOf(env: readonly string[], { unsetEnv = [] }: RunRequest): readonly string[] {
  if (unsetEnv === 'all') return [];
  return unsetEnv.length === 0 ? env : env.filter((variable) => !unsetEnv.includes(nameOf(variable)));
}

/** An entrypoint that is given drops the image's arguments too, as they were meant for the image's own. */
function argumentsOf(
  { entrypoint, command }: RunRequest,
  image: ImageProcess | undefined,
): Pick<WantedProcess, 'entrypoint' | 'command'> {
  if (entrypoint !== undefined) return { entrypoint: entrypoint === '' ? [] : [entrypoint], command };
  return { entrypoint: image?.Entrypoint ?? [], command: command.length > 0 ? command : (image?.Cmd ?? []) };
}

function absolute(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

/** A later variable takes the place of an earlier one of its name. */
export function withVariable(env: readonly string[], variable: string): readonly string[] {
  const prefix = `${nameOf(variable)}=`;
  const index = env.findIndex((other) => other.startsWith(prefix));
  return index < 0 ? [...env, variable] : env.with(index, variable);
}

function nameOf(variable: string): string {
  const equals = variable.indexOf('=');
  return equals < 0 ? variable : variable.slice(0, equals);
}

/** What every container finds in its environment, unless the image or the user say otherwise. */
export function withDefaults(
  env: readonly string[],
  hostname: string,
  hasTerminal: boolean,
): readonly string[] {
  const defaults = [DEFAULT_PATH, `HOSTNAME=${hostname}`, ...(hasTerminal ? ['TERM=xterm'] : [])];
  return env
    .filter((variable) => variable.indexOf('=') > 0)
    .reduce(withVariable, defaults as readonly string[]);
}
