import type { Limits, RunRequest, Volume } from '../engine/run-request.ts';
import type { RunSettings } from '../engine/run-settings.ts';
import { windowSize } from '../kernel/terminal.ts';
import { usageError } from './corten-context.ts';
import { JOIN_FLAGS } from './corten-join-flags.ts';
import { labelFrom } from './corten-labels.ts';
import { limitsFrom } from './corten-limits.ts';
import { NETWORK_FLAGS, networkChoice } from './corten-network-flags.ts';
import { absolutePath } from './corten-paths.ts';
import { LIMIT_FLAGS, SETTING_FLAGS } from './corten-setting-flags.ts';
import type { Options } from './options.ts';

const VOLUME_FLAGS = {
  volume: {
    kind: 'list',
    short: 'v',
    value: '[HOST|VOLUME:]DIR[:OPTIONS]',
    help: 'show a file or directory of the host, or a volume; options ro, rw, U, nocopy, rslave and its like',
  },
  mount: {
    kind: 'list',
    value: 'type=KIND,…',
    help: 'show a bind, volume, tmpfs or image: type=bind,src=PATH,dst=PATH,ro',
  },
  tmpfs: { kind: 'list', value: 'DIR[:OPTIONS]', help: 'an empty directory in memory: /run:size=64m' },
  tz: { kind: 'text', value: 'ZONE|local', help: "time zone: Europe/Berlin and its like, or the host's" },
} as const;

/** Flags of `run` and `create` alike. */
export const CREATE_FLAGS = {
  interactive: { kind: 'switch', short: 'i', help: 'pass standard input on' },
  tty: { kind: 'switch', short: 't', help: 'with a terminal' },
  attach: { kind: 'list', short: 'a', value: 'STREAM', help: 'join stdin, stdout or stderr alone' },
  rm: { kind: 'switch', help: 'remove the container when it ends' },
  name: { kind: 'text', value: 'NAME', help: 'what to call the container' },
  replace: { kind: 'switch', help: 'remove a container that has the name before' },
  cidfile: { kind: 'text', value: 'FILE', help: 'write the ID into a new file' },
  env: {
    kind: 'list',
    short: 'e',
    value: 'NAME=VALUE',
    help: "set a variable; NAME alone passes the caller's on",
  },
  'env-file': { kind: 'list', value: 'FILE', help: 'set the variables of a file, one a line' },
  'env-host': { kind: 'switch', help: "with all variables of the caller's" },
  unsetenv: { kind: 'list', value: 'NAME', help: "without a variable of the image's" },
  'unsetenv-all': { kind: 'switch', help: 'without any variable of the image' },
  ...VOLUME_FLAGS,
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
  pod: { kind: 'text', value: 'NAME|new:NAME', help: 'the pod to be in, or the name of one to make' },
  'pod-id-file': { kind: 'text', value: 'FILE', help: 'the pod to be in, by a file with its ID' },
  pull: {
    kind: 'text',
    value: 'missing|always|never',
    help: 'when to bring the image from its registry: missing unless given',
  },
  platform: { kind: 'text', value: 'OS/ARCH', help: "pull and run for another platform than this machine's" },
  quiet: { kind: 'switch', short: 'q', help: 'show no progress of a pull' },
  label: { kind: 'list', short: 'l', value: 'KEY=VALUE', help: 'note about the container' },
  'label-file': { kind: 'list', value: 'FILE', help: 'the notes of a file, one a line' },
  ...LIMIT_FLAGS,
  ...SETTING_FLAGS,
} as const;

/** Flags of `run`. */
export const RUN_FLAGS = {
  detach: { kind: 'switch', short: 'd', help: 'print the ID and return as soon as the program runs' },
  ...CREATE_FLAGS,
  ...JOIN_FLAGS,
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
    platform: options.text('platform'),
    command: rootfs === undefined ? others : options.rest,
    name: options.text('name'),
    entrypoint: options.text('entrypoint'),
    env: [
      ...(options.isOn('env-host') ? environ() : []),
      ...fromFiles(options, 'env-file'),
      ...options.list('env').flatMap(variableFrom),
    ],
    unsetEnv: options.isOn('unsetenv-all') ? 'all' : options.list('unsetenv'),
    workingDirectory: workingDirectoryFrom(options),
    user: options.text('user'),
    hostname: hostnameFrom(options),
    volumes: volumesFrom(options),
    ...networkChoice(options),
    isReadOnly: options.isOn('read-only'),
    limits: allLimitsFrom(options),
    labels: [...fromFiles(options, 'label-file'), ...options.list('label')].map(labelFrom),
    hasTerminal,
    consoleSize: hasTerminal ? windowSize(0) : undefined,
    hasStdin: options.isOn('interactive'),
    isAutoRemove: options.isOn('rm'),
    settings: settingsFrom(options),
    commandLine: argv.slice(1),
    ...podFrom(options),
  };
}

function podFrom(options: Options): Pick<RunRequest, 'pod'> {
  const isGiven = options.text('pod') !== undefined || options.text('pod-id-file') !== undefined;
  return isGiven ? { pod: chunk().parsePod(options) } : {};
}

type Chunk = typeof import('./settings/settings.chunk.ts');

/** Reads what few flags ask for: code that most containers never need. */
function chunk(): Chunk {
  return load('cli/settings/settings.chunk.js') as Chunk;
}

function settingsFrom(options: Options): RunSettings {
  return options.hasAny(SETTING_FLAGS) ? chunk().parseSettings(options) : {};
}

function allLimitsFrom(options: Options): Limits {
  const limits = limitsFrom(options);
  return options.hasAny(LIMIT_FLAGS) ? chunk().withMoreLimits(limits, options) : limits;
}

function volumesFrom(options: Options): readonly Volume[] {
  return options.hasAny(VOLUME_FLAGS) ? chunk().parseVolumes(options) : [];
}

function fromFiles(options: Options, flag: 'env-file' | 'label-file'): readonly string[] {
  const files = options.list(flag);
  return files.length === 0 ? [] : chunk().readListFiles(files, flag);
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
