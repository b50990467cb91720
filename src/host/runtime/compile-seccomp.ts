import type { Json } from '../../pure/base/json.ts';
import type { Seccomp } from '../../pure/spec/seccomp.ts';
import { MACHINE } from '../kernel/numbers.ts';
import { compileSeccomp } from './seccomp/compile.ts';
import type { Filter } from './seccomp/filter.ts';
import { parseSeccomp } from './seccomp/parse.ts';

/** The filter of a profile for this machine. Throws SPEC_INVALID by the field's name. */
export function compileProfile(profile: Seccomp): Filter {
  return compileSeccomp(profile, { arch: MACHINE });
}

/** linux.seccomp of a config.json, `at` being what errors call it; undefined where it asks for no filter. */
export function parseProfile(value: Json, at: string): Seccomp | undefined {
  return parseSeccomp(value, at);
}
