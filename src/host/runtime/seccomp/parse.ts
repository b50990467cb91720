import type { Json, JsonObject } from '../../../pure/base/json.ts';
import {
  SECCOMP_ACTIONS,
  SECCOMP_ARCHITECTURES,
  SECCOMP_FLAGS,
  SECCOMP_OPERATORS,
  type Seccomp,
  type SeccompAction,
  type SeccompArchitecture,
  type SeccompArg,
  type SeccompFlag,
  type SeccompSyscall,
} from '../../../pure/spec/seccomp.ts';
import {
  isAbsent,
  present,
  refuse,
  toChoice,
  toFilledText,
  toList,
  toNumber,
  toRecord,
  toText,
  toUnsigned,
} from '../parse/fields.ts';

type Value = Json | undefined;

/** What a filter can carry; SCMP_ACT_ERRNO only up to the kernel's greatest error. */
const ERRNO_RANGE = [0, 0xffff] as const;
const MAX_ERRNO = 4095;

/**
 * config-linux.md#seccomp, `at` being the field's path. Undefined where there is no filter to load: the field is
 * absent, or names neither a default action nor a call (as runc sees it). Throws SPEC_INVALID by the field's name.
 */
export function parseSeccomp(value: Value, at: string): Seccomp | undefined {
  if (isAbsent(value)) return undefined;
  const record = toRecord(value, at);
  const syscalls = toList(record['syscalls'], `${at}.syscalls`, parseSyscall);
  if (syscalls.length === 0 && (isAbsent(record['defaultAction']) || record['defaultAction'] === '')) {
    return undefined;
  }
  const seccomp: Seccomp = {
    defaultAction: toAction(record['defaultAction'], `${at}.defaultAction`),
    architectures: toList(record['architectures'], `${at}.architectures`, toArchitecture),
    syscalls,
    ...present<{ defaultErrnoRet: number }>(record, at, { defaultErrnoRet: toErrno }),
    ...present<{ flags: readonly SeccompFlag[] }>(record, at, { flags: toFlags }),
    ...parseListener(record, at),
  };
  checkErrno(seccomp.defaultAction, seccomp.defaultErrnoRet, `${at}.defaultErrnoRet`);
  refuseListening(seccomp, at);
  return seccomp;
}

function parseListener(record: JsonObject, at: string): Pick<Seccomp, 'listenerPath' | 'listenerMetadata'> {
  const path = isAbsent(record['listenerPath']) ? '' : toText(record['listenerPath'], `${at}.listenerPath`);
  const metadata = isAbsent(record['listenerMetadata'])
    ? ''
    : toText(record['listenerMetadata'], `${at}.listenerMetadata`);
  if (metadata !== '' && path === '') refuse(`${at}.listenerPath`, 'set where listenerMetadata is');
  return {
    ...(path === '' ? {} : { listenerPath: path }),
    ...(metadata === '' ? {} : { listenerMetadata: metadata }),
  };
}

function parseSyscall(value: Value, at: string): SeccompSyscall {
  const record = toRecord(value, at);
  const names = toNames(record['names'], at);
  if (names.length === 0) refuse(`${at}.names`, 'a list of at least one name');
  const action = knownAction(record['action']) ?? toAction(record['action'], `${at}.action`);
  const args = isAbsent(record['args']) ? [] : toList(record['args'], `${at}.args`, parseArg);
  if (isAbsent(record['errnoRet'])) return { names, action, args };
  const errnoRet = toErrno(record['errnoRet'], `${at}.errnoRet`);
  checkErrno(action, errnoRet, `${at}.errnoRet`);
  return { names, action, args, errnoRet };
}

/** Hundreds of them: the place of one is put into words only if it is wrong. */
function toNames(value: Value, at: string): readonly string[] {
  if (!Array.isArray(value)) return toList(value, `${at}.names`, toFilledText);
  for (const name of value) {
    if (typeof name !== 'string' || name === '') return toList(value, `${at}.names`, toFilledText);
  }
  return value as readonly string[];
}

function parseArg(value: Value, at: string): SeccompArg {
  const record = toRecord(value, at);
  return {
    index: toNumber(record['index'], `${at}.index`, [0, 5]),
    value: toUnsigned(record['value'], `${at}.value`),
    valueTwo: isAbsent(record['valueTwo']) ? 0n : toUnsigned(record['valueTwo'], `${at}.valueTwo`),
    op: toChoice(record['op'], `${at}.op`, SECCOMP_OPERATORS),
  };
}

const ACTIONS: ReadonlySet<Value> = new Set(SECCOMP_ACTIONS);

function knownAction(value: Value): SeccompAction | undefined {
  return ACTIONS.has(value) ? (value as SeccompAction) : undefined;
}

function toAction(value: Value, at: string): SeccompAction {
  return toChoice(value, at, SECCOMP_ACTIONS);
}

function toArchitecture(value: Value, at: string): SeccompArchitecture {
  return toChoice(value, at, SECCOMP_ARCHITECTURES);
}

function toFlags(value: Value, at: string): readonly SeccompFlag[] {
  return toList(value, at, (flag, where) => toChoice(flag, where, SECCOMP_FLAGS));
}

function toErrno(value: Value, at: string): number {
  return toNumber(value, at, ERRNO_RANGE);
}

/** The specification has a runtime fail where an action has no use for the value; crun does, runc forgets it. */
function checkErrno(action: SeccompAction, errno: number | undefined, at: string): void {
  if (errno === undefined || action === 'SCMP_ACT_TRACE') return;
  if (action !== 'SCMP_ACT_ERRNO') refuse(at, `absent, because ${action} has no use for it`);
  if (errno > MAX_ERRNO) refuse(at, `a whole number from 0 to ${MAX_ERRNO}`);
}

/**
 * Between the filter and the program the container's process still has to hand its listener on: a filter that
 * stopped it there would leave nobody to answer.
 */
function refuseListening({ defaultAction, syscalls, listenerPath }: Seccomp, at: string): void {
  if (defaultAction === 'SCMP_ACT_NOTIFY')
    refuse(`${at}.defaultAction`, 'another action: SCMP_ACT_NOTIFY cannot be used as default action');
  for (const [index, { action, names }] of syscalls.entries()) {
    if (action !== 'SCMP_ACT_NOTIFY') continue;
    const write = names.indexOf('write');
    if (write >= 0)
      refuse(
        `${at}.syscalls[${index}].names[${write}]`,
        'another call: SCMP_ACT_NOTIFY cannot be used for the write syscall',
      );
    if (listenerPath === undefined) refuse(`${at}.listenerPath`, 'set for SCMP_ACT_NOTIFY');
  }
}
