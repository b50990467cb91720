import { CortenError } from '../../pure/base/errors.ts';
import type { Process } from '../../pure/spec/runtime.ts';
import { windowSize } from '../kernel/terminal.ts';
import type { Options } from './options.ts';

const LARGEST_ID = 2 ** 32 - 2;

/** The container's own process with what the flags of `exec` change. */
export function processFrom(base: Process, options: Options, args: readonly string[]): Process {
  const caps = options.list('cap').map(toCapability);
  const withCaps = (names: readonly string[]): readonly string[] => [
    ...names,
    ...caps.filter((cap) => !names.includes(cap)),
  ];
  const cwd = options.text('cwd') ?? base.cwd;
  if (!cwd.startsWith('/')) {
    throw new CortenError(
      'invalid_argument',
      'CLI_CWD_RELATIVE',
      `The flag --cwd takes an absolute path, not "${cwd}"`,
    );
  }
  const { consoleSize: _ofContainer, ...rest } = base;
  const terminal = options.isOn('tty');
  const consoleSize = terminal ? windowSize(0) : undefined;
  return {
    ...rest,
    ...(consoleSize === undefined ? {} : { consoleSize }),
    args,
    cwd,
    terminal,
    user: userFrom(base, options),
    env: withVariables(base.env, options.list('env')),
    noNewPrivileges: base.noNewPrivileges || options.isOn('no-new-privs'),
    capabilities: {
      ...base.capabilities,
      bounding: withCaps(base.capabilities.bounding),
      effective: withCaps(base.capabilities.effective),
      permitted: withCaps(base.capabilities.permitted),
    },
  };
}

function toCapability(text: string): string {
  const name = text.toUpperCase();
  return name.startsWith('CAP_') ? name : `CAP_${name}`;
}

function userFrom(base: Process, options: Options): Process['user'] {
  const user = options.text('user');
  const added = options.list('additional-gids').map((text) => toId('additional-gids', text));
  const additionalGids = [...base.user.additionalGids, ...added];
  if (user === undefined) return { ...base.user, additionalGids };
  const [uid = '', gid, ...more] = user.split(':');
  if (more.length > 0) toId('user', user);
  return {
    ...base.user,
    uid: toId('user', uid),
    gid: gid === undefined ? base.user.gid : toId('user', gid),
    additionalGids,
  };
}

function toId(flag: string, text: string): number {
  if (/^\d{1,10}$/.test(text) && Number(text) <= LARGEST_ID) return Number(text);
  throw new CortenError(
    'invalid_argument',
    'CLI_ID_INVALID',
    `The flag --${flag} takes numeric ids, not "${text}"`,
  );
}

/** A variable given replaces the container's own of that name. */
function withVariables(base: readonly string[], given: readonly string[]): readonly string[] {
  for (const variable of given) {
    if (variable.indexOf('=') <= 0) {
      throw new CortenError(
        'invalid_argument',
        'CLI_ENV_INVALID',
        `The flag --env takes NAME=VALUE, not "${variable}"`,
      );
    }
  }
  const nameOf = (variable: string): string => variable.slice(0, variable.indexOf('='));
  const names = new Set(given.map(nameOf));
  return [...base.filter((variable) => !names.has(nameOf(variable))), ...given];
}
