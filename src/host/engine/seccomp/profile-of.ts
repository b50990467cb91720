import { parseJson, type Json, type JsonObject } from '../../../pure/base/json.ts';
import type { Seccomp } from '../../../pure/spec/seccomp.ts';
import { MACHINE, PLATFORM } from '../../kernel/numbers.ts';
import { readText } from '../../kernel/files.ts';
import { parseProfile } from '../../runtime/compile-seccomp.ts';
import { engineError } from '../errors.ts';
import { DEFAULT_PROFILE } from './default-profile.ts';
import { resolveProfile } from './profile.ts';

const OCI_MACHINE = { x86_64: 'SCMP_ARCH_X86_64', aarch64: 'SCMP_ARCH_AARCH64' } as const;

/**
 * The profile of a container whose capabilities or wishes are its own: the default one, or that of a text in
 * Docker's or the OCI's form; undefined for none. Throws ENGINE_PROFILE_INVALID, SPEC_INVALID.
 */
export function profileOf(text: string | undefined, capabilities: readonly string[]): Seccomp | undefined {
  if (text === 'unconfined') return undefined;
  if (text === undefined) return resolveProfile(DEFAULT_PROFILE, { machine: MACHINE, capabilities });
  const given = objectFrom(text);
  const { archMap, ...rest } = given;
  const syscalls = Array.isArray(given['syscalls'])
    ? given['syscalls'].filter((rule) => applies(rule, capabilities)).map(plain)
    : given['syscalls'];
  const architectures =
    archMap === undefined || archMap === null ? given['architectures'] : architecturesOf(archMap);
  return parseProfile(
    {
      ...rest,
      ...(syscalls === undefined ? {} : { syscalls }),
      ...(architectures === undefined ? {} : { architectures }),
    },
    'seccomp',
  );
}

function objectFrom(text: string): JsonObject {
  try {
    const value = parseJson(text);
    if (isObject(value)) return value;
  } catch (error) {
    throw engineError('ENGINE_PROFILE_INVALID', 'The profile of --security-opt seccomp is no JSON', error);
  }
  throw engineError('ENGINE_PROFILE_INVALID', 'The profile of --security-opt seccomp is no JSON object');
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textsOf(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function applies(rule: Json, capabilities: readonly string[]): boolean {
  if (!isObject(rule)) return true;
  const includes = isObject(rule['includes']) ? rule['includes'] : {};
  const excludes = isObject(rule['excludes']) ? rule['excludes'] : {};
  const arches = textsOf(includes['arches']);
  const isHere = (one: string): boolean => one === PLATFORM;
  if (arches.length > 0 && !arches.some(isHere)) return false;
  if (textsOf(excludes['arches']).some(isHere)) return false;
  const has = (one: string): boolean => capabilities.includes(one);
  if (!textsOf(includes['caps']).every(has) || textsOf(excludes['caps']).some(has)) return false;
  const { minKernel } = includes;
  return typeof minKernel !== 'string' || isKernelSince(minKernel);
}

function isKernelSince(wanted: string): boolean {
  const [major = 0, minor = 0] = numbersOf(readText('/proc/sys/kernel/osrelease'));
  const [wantedMajor = 0, wantedMinor = 0] = numbersOf(wanted);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function numbersOf(version: string): readonly number[] {
  return version.split('.', 2).map((part) => parseInt(part, 10));
}

/** Without what only Docker's profiles have, and with `names` where an old one says `name`. */
function plain(rule: Json): Json {
  if (!isObject(rule)) return rule;
  const { includes: _in, excludes: _out, comment: _said, name, ...rest } = rule;
  const names = typeof name === 'string' && name !== '' ? [name] : rest['names'];
  return { ...rest, ...(names === undefined ? {} : { names }) };
}

function architecturesOf(archMap: Json): Json {
  const own = Array.isArray(archMap)
    ? archMap.filter(isObject).find(({ architecture }) => architecture === OCI_MACHINE[MACHINE])
    : undefined;
  return [OCI_MACHINE[MACHINE], ...textsOf(own?.['subArchitectures'])];
}
