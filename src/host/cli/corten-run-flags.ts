import type { RunRequest } from '../engine/run-request.ts';
import { windowSize } from '../kernel/terminal.ts';
import { usageError } from './corten-context.ts';
import { labelFrom } from './corten-label.ts';
import { limitsFrom } from './corten-limits.ts';
import { NETWORK_FLAGS, networkChoice } from './corten-network-flags.ts';
import { absolutePath } from './corten-paths.ts';
import { parseVolumes } from './corten-volume.ts';
import type { Options } from './options.ts';

export const RUN_FLAGS = {
  detach: { kind: 'switch', short: 'd', help: 'print the ID and return as soon as the program runs' },
  interactive: { kind: 'switch', short: 'i', help: 'pass standard input on' },
  tty: { kind: 'switch', short: 't', help: 'with a terminal' },
  rm: { kind: 'switch', help: 'remove the container when it ends' },
  name: { kind: 'text', value: 'NAME', help: 'what to call the container' },
  env: {
    kind: 'list',
    short: 'e',
    value: 'NAME=VALUE',
    help: "set a variable; NAME alone passes the caller's on",
  },
  volume: {
    kind: 'list',
    short: 'v',
    value: 'HOST:DIR[:ro]',
    help: 'show a file or directory of the host in the container',
  },
  workdir: { kind: 'text', short: 'w', value: 'DIR', help: 'working directory in the container' },
  user: { kind: 'text', short: 'u', value: 'USER[:GROUP]', help: 'run as this user: a name or a number' },
  entrypoint: { kind: 'text', value: 'PROGRAM', help: "instead of the image's own entrypoint" },
  memory: { kind: 'text', short: 'm', value: 'SIZE', help: 'most memory: a number with k, m or g' },
  cpus: { kind: 'text', value: 'NUMBER', help: 'most processors at a time: 0.5 is half of one' },
  'pids-limit': { kind: 'text', value: 'NUMBER', help: 'most processes' },
  'read-only': { kind: 'switch', help: 'with a root file system that cannot be written' },
  ...NETWORK_FLAGS,
  rootfs: { kind: 'text', value: 'DIR', help: 'a directory as root file system instead of an image' },
  hostname: { kind: 'text', short: 'h', value: 'NAME', help: 'host name in the container' },
  pull: {
    kind: 'text',
    value: 'missing|always|never',
    help: 'when to bring the image from its registry: missing unless given',
  },
  platform: { kind: 'text', value: 'OS/ARCH', help: "pull for another platform than this machine's" },
  quiet: { kind: 'switch', short: 'q', help: 'show no progress of a pull' },
  label: { kind: 'list', short: 'l', value: 'KEY=VALUE', help: 'note about the container' },
} as const;

/** The request that the flags and words make; what is no flag begins with the image, unless --rootfs is given. */
export function runRequestFrom(options: Options): RunRequest {
  const [first, ...others] = options.rest;
  const rootfs = options.text('rootfs');
  if (rootfs === undefined && first === undefined)
    throw usageError('The image is missing: name one, or a directory by --rootfs');
  const hasTerminal = options.isOn('tty');
  return {
    source: rootfs === undefined ? { image: first ?? '' } : { rootfs: absolutePath(rootfs) },
    command: rootfs === undefined ? others : options.rest,
    name: options.text('name'),
    entrypoint: options.text('entrypoint'),
    env: options.list('env').flatMap(variableFrom),
    workingDirectory: workingDirectoryFrom(options),
    user: options.text('user'),
    hostname: hostnameFrom(options),
    volumes: parseVolumes(options.list('volume')),
    ...networkChoice(options),
    isReadOnly: options.isOn('read-only'),
    limits: limitsFrom(options),
    labels: options.list('label').map(labelFrom),
    hasTerminal,
    consoleSize: hasTerminal ? windowSize(0) : undefined,
    hasStdin: options.isOn('interactive'),
    isAutoRemove: options.isOn('rm'),
  };
}

/** NAME alone stands for the caller's variable; one that isn't set is left out. */
export function variableFrom(text: string): readonly string[] {
  const equals = text.indexOf('=');
  if (equals === 0 || text === '') throw usageError(`The flag --env takes NAME=VALUE, not "${text}"`);
  if (equals > 0) return [text];
  return environ().filter((variable) => variable.startsWith(`${text}=`));
}

export function workingDirectoryFrom(options: Options): string | undefined {
  const directory = options.text('workdir');
  if (directory === undefined || directory.startsWith('/')) return directory;
  throw usageError(`The flag --workdir takes an absolute path, not "${directory}"`);
}

function hostnameFrom(options: Options): string | undefined {
  const name = options.text('hostname');
  if (name === undefined || /^[a-zA-Z0-9.-]{1,64}$/.test(name)) return name;
  throw usageError(`The flag --hostname takes up to 64 of letters, digits, - and ., not "${name}"`);
}
