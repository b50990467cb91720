import { describeContainer } from '../../engine/describe-container.ts';
import { findContainer } from '../../engine/find-container.ts';
import { sys } from '../../kernel/call.ts';
import { createFile } from '../../kernel/files.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { absolutePath } from '../corten-paths.ts';
import { newCommand } from '../new-command.ts';
import type { Options } from '../options.ts';
import { print } from '../runt-context.ts';
import { unitText, type Command, type Unit } from '../systemd-unit.ts';
import { numberOf, onlyWord, parseVerb, refuseWords } from '../verb.ts';

const HELP = {
  usage: 'generate systemd [flags] CONTAINER',
  summary: 'Prints a systemd unit that runs a container as a service.',
  flags: {
    new: {
      kind: 'switch',
      help: 'make the container anew at each start of the unit, and remove it at its end',
    },
    name: { kind: 'switch', short: 'n', help: "use the container's name, and not its ID" },
    files: {
      kind: 'switch',
      short: 'f',
      help: 'write the unit into the current directory, and print its path',
    },
    boot: { kind: 'switch', help: 'instead: a unit that starts at boot what --restart always asks for' },
    time: {
      kind: 'text',
      short: 't',
      value: 'SECONDS',
      help: 'how long a stop waits before it kills, 10 unless given',
    },
    'restart-policy': {
      kind: 'text',
      value: 'POLICY',
      help: 'when systemd restarts it: on-failure unless given',
    },
    'restart-sec': { kind: 'text', value: 'SECONDS', help: 'how long systemd waits before that' },
    'container-prefix': {
      kind: 'text',
      value: 'TEXT',
      help: "how the unit's name begins: container unless given",
    },
    separator: { kind: 'text', value: 'TEXT', help: 'what stands after that: - unless given' },
    wants: { kind: 'list', value: 'UNIT', help: 'a unit that is started too' },
    after: { kind: 'list', value: 'UNIT', help: 'a unit to start after' },
    requires: { kind: 'list', value: 'UNIT', help: 'a unit without which it is not started' },
    'no-header': { kind: 'switch', help: 'without the comment at the top' },
  },
} as const;

const POLICIES: readonly string[] = [
  'no',
  'on-success',
  'on-failure',
  'on-abnormal',
  'on-watchdog',
  'on-abort',
  'always',
];
const SHORT_ID = 12;
const DEFAULT_TIMEOUT = 10;
/** Seconds that systemd waits longer than the stop itself does. */
const MARGIN = 60;
/** A shell's code of SIGTERM, which is how a program ends that is asked to. */
const ENDED_BY_TERM = '143';

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const { file, unit } = options.isOn('boot') ? bootUnit(options) : containerUnit(roots, options);
  const text = unitText(unit);
  if (!options.isOn('files')) {
    print(text);
    return 0;
  }
  const path = absolutePath(file);
  createFile(path, text, 0o644);
  print(`${path}\n`);
  return 0;
}

interface UnitFile {
  readonly file: string;
  readonly unit: Unit;
}

function bootUnit(options: Options): UnitFile {
  refuseWords(options);
  const words = [ownPath(), 'start', '--all', '--filter', 'restart-policy=always'];
  const unit: Unit = {
    description: 'Containers that are always restarted',
    header: headerOf(options, 'corten-restart.service'),
    relations: relationsOf(options),
    environment: storeVariables(),
    service: [
      ['Type', 'oneshot'],
      ['RemainAfterExit', 'yes'],
      ['ExecStart', { prefix: '', words }],
    ],
  };
  return { file: 'corten-restart.service', unit };
}

function containerUnit(roots: CortenContext['roots'], options: Options): UnitFile {
  const places = findContainer(roots, onlyWord(options, 'container'));
  const isNew = options.isOn('new');
  const called = options.isOn('name') ? places.name : places.id;
  const file = `${options.text('container-prefix') ?? 'container'}${options.text('separator') ?? '-'}${called}.service`;
  const timeout = numberOf(options, 'time') ?? DEFAULT_TIMEOUT;
  const own = ownPath();
  const command = (prefix: Command['prefix'], ...words: readonly string[]): Command => ({
    prefix,
    words: [own, ...words],
  });
  // By the name, since what is made anew has another ID each time.
  const target = isNew ? places.name : called;
  const commandLine = describeContainer(places)?.commandLine;
  const start = isNew ? newCommand(commandLine, places.name) : ['start', '--attach', target];
  const unit: Unit = {
    description: `Container ${options.isOn('name') ? places.name : places.id.slice(0, SHORT_ID)}`,
    header: headerOf(options, file),
    relations: relationsOf(options),
    environment: storeVariables(),
    service: [
      ['Type', 'exec'],
      ['Restart', policyFrom(options)],
      ...restartSeconds(options),
      ['SuccessExitStatus', ENDED_BY_TERM],
      ['TimeoutStopSec', String(timeout + MARGIN)],
      ...(isNew ? [['ExecStartPre', command('-', 'rm', '--force', target)] as const] : []),
      ['ExecStart', command('', ...start)],
      ['ExecStop', command('-', 'stop', '--time', String(timeout), target)],
      ...(isNew ? [['ExecStopPost', command('-', 'rm', '--force', target)] as const] : []),
    ],
  };
  return { file, unit };
}

function headerOf(options: Options, file: string): readonly string[] {
  return options.isOn('no-header') ? [] : [file, 'Written by corten generate systemd', ''];
}

function relationsOf(options: Options): Unit['relations'] {
  return {
    Wants: ['network-online.target', ...options.list('wants')],
    After: ['network-online.target', ...options.list('after')],
    Requires: options.list('requires'),
  };
}

function policyFrom(options: Options): string {
  const policy = options.text('restart-policy') ?? 'on-failure';
  if (POLICIES.includes(policy)) return policy;
  throw usageError(`The flag --restart-policy takes one of ${POLICIES.join(', ')}, not "${policy}"`);
}

function restartSeconds(options: Options): readonly (readonly [string, string])[] {
  const seconds = numberOf(options, 'restart-sec');
  return seconds === undefined ? [] : [['RestartSec', String(seconds)]];
}

/** A store of one's own is the unit's too. */
function storeVariables(): readonly string[] {
  return environ().filter((variable) => /^CORTEN_(?:ROOT|RUN)=./.test(variable));
}

/** The executable itself, whatever link it was called by. */
function ownPath(): string {
  const buffer = new Uint8Array(4096);
  return utf8(buffer, 0, sys('readlink', '/proc/self/exe', buffer, buffer.length));
}
