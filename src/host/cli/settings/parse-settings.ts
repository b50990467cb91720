import type { DeviceSetting, NamespaceSettings, RunSettings, Ulimit } from '../../engine/run-settings.ts';
import { signalNumber } from '../../kernel/signals.ts';
import { RLIMITS } from '../../kernel/rlimits.ts';
import { CAPABILITIES } from '../../kernel/capabilities.ts';
import { toBytes } from '../binary-size.ts';
import { usageError } from '../corten-context.ts';
import type { Options } from '../options.ts';
import { parseIds } from './parse-ids.ts';
import { linksFrom, refuseStorageSize } from './parse-links.ts';
import { secretOf } from './parse-secrets.ts';
import { parseSecurity } from './parse-security.ts';
import { parseHealth, parseLog, parseRestart, parseRuntime } from './parse-supervision.ts';
import { integerOf, isDefined, pairOf } from './values.ts';

/** What the flags of SETTING_FLAGS ask for. */
export function parseSettings(options: Options): RunSettings {
  const { text } = { text: (name: string) => options.text(name) };
  refuseStorageSize(options.list('storage-opt'));
  const restart = parseRestart(text('restart'));
  if (restart !== undefined && options.isOn('rm'))
    throw usageError(
      'The flags --restart and --rm exclude each other: what ends is removed or started again',
    );
  return isDefined<RunSettings>({
    domainname: text('domainname'),
    annotations: filled(options.list('annotation').map((one) => pairOf(one, 'annotation'))),
    isPrivileged: options.isOn('privileged') || undefined,
    capAdd: filled(capabilitiesOf(options, 'cap-add')),
    capDrop: filled(capabilitiesOf(options, 'cap-drop')),
    security: parseSecurity(options.list('security-opt')),
    namespaces: namespacesOf(options),
    ids: parseIds(options),
    devices: filled(
      options
        .list('device')
        .filter((one) => !CDI_NAME.test(one))
        .map(deviceOf),
    ),
    cdi: filled([
      ...options.list('device').filter((one) => CDI_NAME.test(one)),
      ...options.list('gpus').flatMap(gpusOf),
    ]),
    cgroupParent: cgroupParentOf(options),
    ulimits: filled(options.list('ulimit').map(ulimitOf)),
    sysctls: filled(options.list('sysctl').map((one) => pairOf(one, 'sysctl'))),
    shmSize: shmSizeOf(options),
    hasInit: options.isOn('init') || undefined,
    stopSignal: stopSignalOf(options),
    stopTimeout: integerOf(options, 'stop-timeout', [-1, 2 ** 31]),
    umask: umaskOf(options),
    groupAdd: filled(options.list('group-add')),
    oomScoreAdj: integerOf(options, 'oom-score-adj', [-1000, 1000]),
    restart,
    health: parseHealth(options),
    log: parseLog(options),
    timeout: integerOf(options, 'timeout', [0, 2 ** 31]) || undefined,
    runtime: parseRuntime(text('runtime')),
    links: filled(linksFrom(options)),
    secrets: filled(options.list('secret').map(secretOf)),
    volumesFrom: filled(options.list('volumes-from')),
  });
}

function filled<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

function capabilitiesOf(options: Options, flag: string): readonly string[] {
  return options
    .list(flag)
    .flatMap((one) => one.split(','))
    .map((one) => {
      const upper = one.toUpperCase();
      const name = upper === 'ALL' || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
      if (name === 'ALL' || (CAPABILITIES as readonly string[]).includes(name)) return name;
      throw usageError(`The flag --${flag} takes a capability such as NET_ADMIN, or ALL, not "${one}"`);
    });
}

const CHOICES: Readonly<Record<string, RegExp>> = {
  pid: /^(?:host|private|container:.+)$/,
  ipc: /^(?:host|private|shareable|none|container:.+)$/,
  uts: /^(?:host|private|container:.+)$/,
  cgroupns: /^(?:host|private)$/,
};

function namespacesOf(options: Options): NamespaceSettings | undefined {
  for (const [flag, choices] of Object.entries(CHOICES)) {
    const value = options.text(flag) ?? '';
    if (value !== '' && !choices.test(value))
      throw usageError(`The flag --${flag} does not take "${value}": --help shows what it takes`);
  }
  const own = (flag: string): string | undefined => options.text(flag) || undefined;
  const name = ['hostname', 'domainname'].find((flag) => options.text(flag) !== undefined);
  if (name !== undefined && own('uts') !== undefined && own('uts') !== 'private')
    throw usageError(`The flag --${name} would change the name of others with --uts: leave one out`);
  const settings = isDefined<NamespaceSettings>({
    pid: own('pid'),
    ipc: own('ipc'),
    uts: own('uts'),
    user: own('userns'),
    cgroup: own('cgroupns'),
  });
  return Object.keys(settings).length === 0 ? undefined : settings;
}

/** A device as the Container Device Interface calls it. */
const CDI_NAME = /^[a-zA-Z0-9][\w.-]*\/[a-zA-Z][\w.-]*=[a-zA-Z0-9][\w.:-]*$/;

/** `all`, a number, or `device=0,1`: what docker hands to NVIDIA's own tools is asked of the CDI here. */
function gpusOf(text: string): readonly string[] {
  const list = text.replaceAll('"', '');
  if (list === 'all' || list === '-1') return ['/gpu=all'];
  if (/^\d{1,3}$/.test(list)) return Array.from({ length: Number(list) }, (_, index) => `/gpu=${index}`);
  const names = /^device=(.+)$/.exec(list)?.[1]?.split(',') ?? [];
  if (names.length > 0 && names.every((name) => /^[\w.:-]+$/.test(name)))
    return names.map((name) => `/gpu=${name}`);
  throw usageError(`The flag --gpus takes all, a number or device=0,1, not "${text}"`);
}

/** `SOURCE[:DESTINATION][:ACCESS]` */
function deviceOf(text: string): DeviceSetting {
  const [source = '', second, third, ...more] = text.split(':');
  const isAccess = second !== undefined && third === undefined && /^[rwm]{1,3}$/.test(second);
  const destination = isAccess || second === undefined || second === '' ? source : second;
  const access = (isAccess ? second : third) ?? 'rwm';
  const isGood = source.startsWith('/') && destination.startsWith('/') && /^[rwm]{1,3}$/.test(access);
  if (isGood && more.length === 0 && !destination.split('/').includes('..'))
    return { source, destination, access };
  throw usageError(
    `The flag --device takes DEVICE, DEVICE:DEVICE, DEVICE:DEVICE:rwm or vendor.com/class=name, not "${text}"`,
  );
}

/** --cgroup-parent. */
export function cgroupParentOf(options: Options): string | undefined {
  const parent = options.text('cgroup-parent');
  if (parent === undefined || parent === '') return undefined;
  const parts = parent.split('/').filter((part) => part !== '');
  if (parts.length > 0 && !parts.includes('..') && !parent.endsWith('.slice')) return `/${parts.join('/')}`;
  throw usageError(
    `The flag --cgroup-parent takes the path of a cgroup, without ".." and no slice of systemd's, not "${parent}"`,
  );
}

/** `NAME=SOFT[:HARD]`, -1 or unlimited for no limit. */
function ulimitOf(text: string): Ulimit {
  const [name, values] = pairOf(text, 'ulimit');
  const [soft = '', hard = soft] = values.split(':');
  const isKnown = (RLIMITS as readonly string[]).includes(`RLIMIT_${name.toUpperCase()}`);
  const isValue = (value: string): boolean => /^(?:-1|unlimited|\d{1,15})$/.test(value);
  if (!isKnown)
    throw usageError(`The flag --ulimit knows no limit "${name}": nofile, nproc and core are such`);
  if (!isValue(soft) || !isValue(hard) || values.split(':').length > 2)
    throw usageError(`The flag --ulimit takes NAME=SOFT or NAME=SOFT:HARD, not "${text}"`);
  const [low, high] = [valueOf(soft), valueOf(hard)];
  if (high !== -1 && (low === -1 || low > high))
    throw usageError(`The flag --ulimit ${text} has a soft limit above the hard one`);
  return { name: name.toLowerCase(), soft: low, hard: high };
}

function valueOf(text: string): number {
  return text === 'unlimited' ? -1 : Number(text);
}

function shmSizeOf(options: Options): number | undefined {
  const text = options.text('shm-size');
  if (text === undefined) return undefined;
  const bytes = toBytes(text);
  if (bytes !== undefined && bytes > 0) return bytes;
  throw usageError(`The flag --shm-size takes a size such as 64m, not "${text}"`);
}

function stopSignalOf(options: Options): string | undefined {
  const text = options.text('stop-signal');
  if (text === undefined || signalNumber(text) !== undefined) return text;
  throw usageError(`The signal "${text}" of --stop-signal is unknown: give a name such as TERM or a number`);
}

function umaskOf(options: Options): number | undefined {
  const text = options.text('umask');
  if (text === undefined) return undefined;
  if (/^[0-7]{1,4}$/.test(text) && parseInt(text, 8) <= 0o777) return parseInt(text, 8);
  throw usageError(`The flag --umask takes an octal number up to 0777, not "${text}"`);
}
