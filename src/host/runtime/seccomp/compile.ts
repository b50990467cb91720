import type { Seccomp, SeccompArchitecture, SeccompFlag } from '../../../pure/spec/seccomp.ts';
import { runtimeError } from '../errors.ts';
import { actionValue, KILL } from './actions.ts';
import {
  BPF,
  createAssembler,
  MOST_INSTRUCTIONS,
  toAction,
  type Assembler,
  type Target,
} from './assembler.ts';
import { callsOf, Trees, type Calls } from './calls.ts';
import { rulesOf } from './conditions.ts';
import { ARCHITECTURE_OFFSET, Emitter, NUMBER_OFFSET } from './emit.ts';
import type { Filter, Listener } from './filter.ts';
import { rangesOf, rangesOfX86, type Ranges } from './ranges.ts';
import { statementsOf, type Entry, type Said } from './statements.ts';
import { familyOf, type Architecture, type Family } from './tables.ts';

export interface SeccompHost {
  readonly arch: 'x86_64' | 'aarch64';
}

/** include/uapi/linux/seccomp.h; a process of one thread has nothing to synchronise. */
const FLAGS: Readonly<Record<SeccompFlag, number>> = {
  SECCOMP_FILTER_FLAG_TSYNC: 0,
  SECCOMP_FILTER_FLAG_LOG: 2,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: 4,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: 32,
};
const NEW_LISTENER = 8;

/** include/uapi/linux/audit.h */
const AUDIT_ARCHITECTURES = {
  x86_64: 0xc000003e,
  x86: 0x40000003,
  aarch64: 0xc00000b7,
  arm: 0x40000028,
} as const;

const ENOSYS = 38;
const FIELD = 'linux.seccomp';

/**
 * The filter that runc would load: libseccomp's meaning of the rules, with ENOSYS for calls that are newer than all
 * that the profile names unless its default action lets them pass. Throws SPEC_INVALID by the field's name for what
 * libseccomp would refuse too: rules that contradict each other, an architecture of the other byte order, or a
 * program above the kernel's limit.
 */
export function compileSeccomp(seccomp: Seccomp, host: SeccompHost): Filter {
  const architectures = architecturesOf(seccomp.architectures, host.arch);
  const otherwise = actionValue(seccomp.defaultAction, seccomp.defaultErrnoRet);
  const answers = { otherwise, hasNewest: !letsPass(seccomp) };
  const callsFor = questioner(entriesOf(seccomp, otherwise));
  const assembler = createAssembler();
  let next = toAction(KILL);
  for (const architecture of [...architectures].reverse()) {
    if (architecture === 'x32') continue;
    const calls = callsFor(architecture);
    const x32 = architecture === 'x86_64' && architectures.has('x32') ? callsFor('x32') : undefined;
    const ranges = architecture === 'x86_64' ? rangesOfX86(calls, x32, answers) : rangesOf(calls, answers);
    const code = emitCode(assembler, ranges, otherwise);
    next = assembler.branch(BPF.JMP_JEQ_K, AUDIT_ARCHITECTURES[architecture], [code, next]);
  }
  assembler.place(next);
  assembler.load(ARCHITECTURE_OFFSET);
  if (assembler.count() > MOST_INSTRUCTIONS) refuseLength(assembler.count());
  return { program: assembler.program(), ...flagsOf(seccomp) };
}

/** The host's own first: its calls are the usual ones. */
function architecturesOf(
  named: readonly SeccompArchitecture[],
  host: Architecture,
): ReadonlySet<Architecture> {
  const architectures = new Set<Architecture>([host]);
  named.forEach((name, index) => {
    const known = KNOWN.get(name);
    if (known !== undefined) architectures.add(known);
    else if (BIG_ENDIAN.has(name)) refuseArchitecture(name, index, host);
  });
  return architectures;
}

const KNOWN: ReadonlyMap<SeccompArchitecture, Architecture> = new Map([
  ['SCMP_ARCH_X86_64', 'x86_64'],
  ['SCMP_ARCH_X86', 'x86'],
  ['SCMP_ARCH_X32', 'x32'],
  ['SCMP_ARCH_AARCH64', 'aarch64'],
  ['SCMP_ARCH_ARM', 'arm'],
]);

const BIG_ENDIAN: ReadonlySet<SeccompArchitecture> = new Set([
  'SCMP_ARCH_MIPS',
  'SCMP_ARCH_MIPS64',
  'SCMP_ARCH_MIPS64N32',
  'SCMP_ARCH_PPC',
  'SCMP_ARCH_PPC64',
  'SCMP_ARCH_S390',
  'SCMP_ARCH_S390X',
  'SCMP_ARCH_PARISC',
  'SCMP_ARCH_PARISC64',
  'SCMP_ARCH_M68K',
  'SCMP_ARCH_SHEB',
] as const);

/** A tracer or a log that sees each call can answer for new ones itself. */
function letsPass({ defaultAction, defaultErrnoRet }: Seccomp): boolean {
  if (defaultErrnoRet === ENOSYS) return true;
  return (
    defaultAction === 'SCMP_ACT_ALLOW' ||
    defaultAction === 'SCMP_ACT_LOG' ||
    defaultAction === 'SCMP_ACT_TRACE'
  );
}

function entriesOf(seccomp: Seccomp, otherwise: number): readonly Entry[] {
  return seccomp.syscalls.map(({ names, action, errnoRet, args }, index) => {
    const value = actionValue(action, errnoRet);
    if (value === otherwise) return { names, statement: null };
    return { names, statement: args.length === 0 ? value : rulesOf(args, value, index) };
  });
}

/** Finds the calls of each architecture; those of one family at once. */
function questioner(entries: readonly Entry[]): (architecture: Architecture) => Calls {
  const known = new Map<Family, Said>();
  const trees = new Trees();
  return (architecture) => {
    const family = familyOf(architecture);
    const said = known.get(family) ?? statementsOf(entries, family);
    known.set(family, said);
    return callsOf(architecture, { entries, family, said, trees });
  };
}

/** Loads the call's number and searches; nothing to load where all numbers have one action. */
function emitCode(assembler: Assembler, ranges: Ranges, otherwise: number): Target {
  const found = new Emitter(assembler, otherwise).search(ranges);
  if (ranges.length === 1) return found;
  assembler.place(found);
  return assembler.load(NUMBER_OFFSET);
}

function flagsOf(seccomp: Seccomp): Omit<Filter, 'program'> {
  const listener = listenerOf(seccomp);
  const asked = seccomp.flags ?? ['SECCOMP_FILTER_FLAG_SPEC_ALLOW' as const];
  const flags = asked.reduce((all, flag) => all | FLAGS[flag], listener === undefined ? 0 : NEW_LISTENER);
  return {
    // Nobody waits where nobody listens.
    flags: listener === undefined ? flags & ~FLAGS.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV : flags,
    optionalFlags: seccomp.flags === undefined ? flags & ~NEW_LISTENER : 0,
    listener,
  };
}

/** Who answers where calls wait for an answer. */
export function listenerOf({ syscalls, listenerPath, listenerMetadata }: Seccomp): Listener | undefined {
  if (listenerPath === undefined) return undefined;
  if (!syscalls.some(({ action }) => action === 'SCMP_ACT_NOTIFY')) return undefined;
  return { path: listenerPath, metadata: listenerMetadata ?? '' };
}

function refuseArchitecture(name: string, index: number, host: string): never {
  throw runtimeError(
    'SPEC_INVALID',
    `The field ${FIELD}.architectures[${index}] must be of ${host}'s byte order, which ${name} is not`,
  );
}

function refuseLength(length: number): never {
  throw runtimeError(
    'SPEC_INVALID',
    `The field ${FIELD}.syscalls makes a filter of ${length} instructions, more than the kernel's ${MOST_INSTRUCTIONS}: use fewer conditions`,
  );
}
