import type {
  Seccomp,
  SeccompAction,
  SeccompArchitecture,
  SeccompArg,
  SeccompSyscall,
} from '../../../pure/spec/seccomp.ts';

export type Machine = 'x86_64' | 'aarch64';

/** A profile whose rules depend on the machine and the container's capabilities, as Docker's do. */
export interface SeccompProfile {
  readonly defaultAction: SeccompAction;
  readonly defaultErrnoRet?: number;
  readonly architectures: Readonly<Record<Machine, readonly SeccompArchitecture[]>>;
  readonly syscalls: readonly ProfileRule[];
}

export interface ProfileRule {
  readonly names: readonly string[];
  readonly action: SeccompAction;
  readonly errnoRet?: number;
  readonly args?: readonly SeccompArg[];
  readonly includes?: Conditions;
  readonly excludes?: Conditions;
}

export interface Conditions {
  /** All of which the container must have, to include a rule; any of which excludes one. */
  readonly caps?: readonly string[];
  readonly arches?: readonly Machine[];
}

export interface ProfileFacts {
  readonly machine: Machine;
  /** The container's bounding set. */
  readonly capabilities: readonly string[];
}

/** The profile as the OCI specification has it, for one container. */
export function resolveProfile(profile: SeccompProfile, facts: ProfileFacts): Seccomp {
  const { defaultAction, defaultErrnoRet, architectures } = profile;
  return {
    defaultAction,
    ...(defaultErrnoRet === undefined ? {} : { defaultErrnoRet }),
    architectures: architectures[facts.machine],
    syscalls: profile.syscalls.filter((rule) => applies(rule, facts)).map(plain),
  };
}

function applies(
  { includes = {}, excludes = {} }: ProfileRule,
  { machine, capabilities }: ProfileFacts,
): boolean {
  const has = (one: string): boolean => capabilities.includes(one);
  if (includes.arches !== undefined && !includes.arches.includes(machine)) return false;
  if (excludes.arches?.includes(machine) === true) return false;
  return (includes.caps ?? []).every(has) && !(excludes.caps ?? []).some(has);
}

function plain({ names, action, errnoRet, args = [] }: ProfileRule): SeccompSyscall {
  return { names, action, ...(errnoRet === undefined ? {} : { errnoRet }), args };
}
