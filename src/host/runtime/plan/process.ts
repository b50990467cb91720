import type { Process, ProcessAttributes } from '../../../pure/spec/runtime.ts';
import { capabilityBits, intersectCapabilities, type CapabilityBits } from '../../kernel/capabilities.ts';
import { RLIMITS } from '../../kernel/rlimits.ts';

/** What a process becomes before it executes its program: of a container's init and of `exec` alike. */
export interface ProcessPlan {
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly uid: number;
  readonly gid: number;
  /** undefined for those of the caller. */
  readonly groups: readonly number[] | undefined;
  readonly umask: number;
  readonly rlimits: readonly {
    readonly type: string;
    readonly number: number;
    readonly soft: bigint;
    readonly hard: bigint;
  }[];
  readonly bounding: CapabilityBits;
  readonly effective: CapabilityBits;
  readonly permitted: CapabilityBits;
  readonly inheritable: CapabilityBits;
  readonly ambient: CapabilityBits;
  readonly noNewPrivileges: boolean;
  /** CAP_SYS_ADMIN is among its sets until its seccomp filter is loaded, and no longer. */
  readonly isAdminLent?: boolean;
  readonly attributes?: ProcessAttributes | undefined;
  readonly personality?: number | undefined;
}

export const ALL_CAPABILITIES: CapabilityBits = [0xffffffff, 0xffffffff];

const DEFAULT_UMASK = 0o022;

/** `permitted` are our own: what we lack can't be given, and is left out with a warning. */
export function planProcess(
  process: Process,
  permitted: CapabilityBits,
  warn: (text: string) => void,
): ProcessPlan {
  const { user, capabilities } = process;
  const unknown = (name: string): void =>
    warn(`The capability ${name} is unknown to this version and left out`);
  const wanted = (names: readonly string[]): CapabilityBits => capabilityBits(names, unknown);
  const bounding = wanted(capabilities.bounding);
  const given = intersectCapabilities(wanted(capabilities.permitted), permitted);
  const inheritable = intersectCapabilities(wanted(capabilities.inheritable), permitted);
  warnOfMissing(process, permitted, warn);
  return {
    args: process.args,
    env: process.env,
    cwd: process.cwd,
    uid: user.uid,
    gid: user.gid,
    groups: user.additionalGids,
    umask: user.umask ?? DEFAULT_UMASK,
    rlimits: process.rlimits.map((limit) => ({
      ...limit,
      number: (RLIMITS as readonly string[]).indexOf(limit.type),
    })),
    bounding,
    permitted: given,
    effective: intersectCapabilities(wanted(capabilities.effective), given),
    inheritable,
    // capabilities(7): only what is permitted and inheritable can be ambient.
    ambient: intersectCapabilities(wanted(capabilities.ambient), intersectCapabilities(given, inheritable)),
    noNewPrivileges: process.noNewPrivileges,
    attributes: process.attributes,
  };
}

function warnOfMissing(
  { capabilities }: Process,
  permitted: CapabilityBits,
  warn: (text: string) => void,
): void {
  const all = new Set([...capabilities.bounding, ...capabilities.permitted, ...capabilities.inheritable]);
  for (const name of all) {
    const [low, high] = capabilityBits([name], () => undefined);
    const isKnown = low !== 0 || high !== 0;
    const isOurs = (low & permitted[0]) !== 0 || (high & permitted[1]) !== 0;
    if (isKnown && !isOurs) warn(`The capability ${name} is left out: the caller does not have it itself`);
  }
}
