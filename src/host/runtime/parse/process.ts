import type { Json } from '../../../pure/base/json.ts';
import type { Capabilities, Process, Rlimit, User } from '../../../pure/spec/runtime.ts';
import { RLIMITS } from '../../kernel/rlimits.ts';
import { attributesModule } from '../process-attributes/process-attributes.ts';
import {
  isAbsent,
  optionalRecord,
  present,
  refuse,
  refuseUnsupported,
  toBoolean,
  toChoice,
  toFilledText,
  toList,
  toNumber,
  toRecord,
  toText,
  toUnsigned,
} from './fields.ts';

const ID = [0, 2 ** 32 - 2] as const;
/** The name that AppArmor gives to being under no profile, which is how every process here is. */
const UNCONFINED = 'unconfined';
const ATTRIBUTES = ['scheduler', 'ioPriority', 'execCPUAffinity'];

/** config.md#process */
export function parseProcess(value: Json | undefined, at: string): Process {
  const record = toRecord(value, at);
  const isUnconfined = record['apparmorProfile'] === UNCONFINED;
  refuseUnsupported(record, at, isUnconfined ? ['selinuxLabel'] : ['apparmorProfile', 'selinuxLabel']);
  const args = toList(record['args'], `${at}.args`, toText);
  if (args.length === 0 || args[0] === '') refuse(`${at}.args`, 'a list that begins with a program');
  const cwd = toFilledText(record['cwd'], `${at}.cwd`);
  if (!cwd.startsWith('/')) refuse(`${at}.cwd`, 'an absolute path');
  return {
    terminal: toBoolean(record['terminal'], `${at}.terminal`),
    user: parseUser(record['user'], `${at}.user`),
    args,
    env: toList(record['env'], `${at}.env`, toVariable),
    cwd,
    capabilities: parseCapabilities(record['capabilities'], `${at}.capabilities`),
    rlimits: parseRlimits(record['rlimits'], `${at}.rlimits`),
    noNewPrivileges: toBoolean(record['noNewPrivileges'], `${at}.noNewPrivileges`),
    ...present<Required<Pick<Process, 'oomScoreAdj' | 'consoleSize'>>>(record, at, {
      oomScoreAdj: (score, where) => toNumber(score, where, [-1000, 1000]),
      consoleSize: parseConsoleSize,
    }),
    ...(ATTRIBUTES.every((name) => isAbsent(record[name]))
      ? {}
      : { attributes: attributesModule().parseAttributes(record, at) }),
  };
}

function toVariable(value: Json | undefined, at: string): string {
  const text = toText(value, at);
  return text.indexOf('=') > 0 ? text : refuse(at, 'of the form NAME=value');
}

function parseUser(value: Json | undefined, at: string): User {
  const record = optionalRecord(value, at);
  const id = (inner: Json | undefined, where: string): number =>
    isAbsent(inner) ? 0 : toNumber(inner, where, ID);
  return {
    uid: id(record['uid'], `${at}.uid`),
    gid: id(record['gid'], `${at}.gid`),
    additionalGids: toList(record['additionalGids'], `${at}.additionalGids`, (gid, where) =>
      toNumber(gid, where, ID),
    ),
    ...present<{ umask: number }>(record, at, { umask: (mask, where) => toNumber(mask, where, [0, 0o777]) }),
  };
}

function parseConsoleSize(value: Json | undefined, at: string): { height: number; width: number } {
  const record = toRecord(value, at);
  const size = (inner: Json | undefined, where: string): number =>
    isAbsent(inner) ? 0 : toNumber(inner, where, [0, 65535]);
  return { height: size(record['height'], `${at}.height`), width: size(record['width'], `${at}.width`) };
}

function parseCapabilities(value: Json | undefined, at: string): Capabilities {
  const record = optionalRecord(value, at);
  const set = (name: string): readonly string[] => toList(record[name], `${at}.${name}`, toText);
  return {
    bounding: set('bounding'),
    effective: set('effective'),
    inheritable: set('inheritable'),
    permitted: set('permitted'),
    ambient: set('ambient'),
  };
}

function parseRlimits(value: Json | undefined, at: string): readonly Rlimit[] {
  const rlimits = toList(value, at, parseRlimit);
  rlimits.forEach(({ type }, index) => {
    if (rlimits.findIndex((other) => other.type === type) !== index) {
      refuse(`${at}[${index}].type`, `of a kind that no entry before has, not ${type} again`);
    }
  });
  return rlimits;
}

function parseRlimit(value: Json | undefined, at: string): Rlimit {
  const record = toRecord(value, at);
  const type = toChoice(record['type'], `${at}.type`, RLIMITS);
  const soft = toUnsigned(record['soft'], `${at}.soft`);
  const hard = toUnsigned(record['hard'], `${at}.hard`);
  return soft <= hard ? { type, soft, hard } : refuse(`${at}.soft`, `at most ${at}.hard, which is ${hard}`);
}
