// libseccomp, called as runc calls it: libcontainer/seccomp/seccomp_linux.go and patchbpf/enosys_linux.go.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Seccomp, SeccompAction, SeccompArg } from '../../../../pure/spec/seccomp.ts';
import { interpret, type Call } from './bpf.ts';

const SOURCE = fileURLToPath(new URL('oracle.c', import.meta.url));
const TEXT_LIMIT = 1 << 30;
const ENOSYS = 0x50026;

export const ARCHITECTURES = ['x86_64', 'x86', 'x32', 'aarch64', 'arm'] as const;
export type ArchitectureName = (typeof ARCHITECTURES)[number];
export const AUDIT = { x86_64: 0xc000003e, x86: 0x40000003, aarch64: 0xc00000b7, arm: 0x40000028 } as const;
export const HOST = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const X32_BIT = 0x40000000;

const ACTIONS: Readonly<Record<SeccompAction, number>> = {
  SCMP_ACT_KILL: 0,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_TRAP: 0x00030000,
  SCMP_ACT_ERRNO: 0x00050000,
  SCMP_ACT_TRACE: 0x7ff00000,
  SCMP_ACT_ALLOW: 0x7fff0000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_NOTIFY: 0x7fc00000,
};
const OPERATORS = { NE: 1, LT: 2, LE: 3, EQ: 4, GE: 5, GT: 6, MASKED_EQ: 7 };

/** What libseccomp made of a profile, with runc's answer to calls that are too new in front. */
export interface Filter {
  readonly program: Uint8Array;
  readonly answer: (call: Call) => number;
}

/** A number of libseccomp's errno where it refuses the profile. */
export type Compiled = Filter | { readonly refused: number };

export class Oracle {
  readonly #folder = mkdtempSync(join(tmpdir(), 'seccomp-oracle-'));
  readonly #program = join(this.#folder, 'oracle');

  constructor() {
    execFileSync('cc', ['-O1', '-o', this.#program, SOURCE, '-lseccomp']);
  }

  compile(profiles: readonly Seccomp[]): readonly Compiled[] {
    const lines = this.#ask(profiles.map(textOf).join(''));
    assert.equal(lines.length, profiles.length);
    return lines.map((line, index) => compiledOf(line, profiles[index] ?? assert.fail('no profile')));
  }

  /** Of each name, its numbers on ARCHITECTURES (below 0 where it has none); undefined where nobody knows it. */
  numbers(names: readonly string[]): readonly (readonly number[] | undefined)[] {
    const lines = this.#ask(names.map((name) => `k ${name}\n`).join(''));
    return lines.map((line) => {
      const [known, ...numbers] = line.split(' ').map(Number);
      return known === 0 ? numbers : undefined;
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }

  #ask(input: string): readonly string[] {
    const output = execFileSync(this.#program, { input, maxBuffer: TEXT_LIMIT, encoding: 'utf8' });
    return output.trimEnd().split('\n');
  }
}

export function actionOf(action: SeccompAction, errno: number | undefined): number {
  const takes = action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE';
  return ACTIONS[action] + (takes ? (errno ?? 1) & 0xffff : 0);
}

function textOf(profile: Seccomp): string {
  const otherwise = actionOf(profile.defaultAction, profile.defaultErrnoRet);
  const lines = [`p ${otherwise}`];
  for (const name of profile.architectures) lines.push(`a ${name.slice('SCMP_ARCH_'.length).toLowerCase()}`);
  for (const { names, action, errnoRet, args } of profile.syscalls) {
    const value = actionOf(action, errnoRet);
    for (const name of names) {
      lines.push(`n ${name}`);
      if (value !== otherwise) for (const rule of alternatives(args)) lines.push(`r ${value} ${name}${rule}`);
    }
  }
  return `${lines.join('\n')}\ne\n`;
}

function alternatives(args: readonly SeccompArg[]): readonly string[] {
  const texts = args.map(({ index, op, value, valueTwo }) => {
    const operator = OPERATORS[op.slice('SCMP_CMP_'.length) as keyof typeof OPERATORS];
    return ` ${index} ${operator} ${value} ${valueTwo}`;
  });
  return new Set(args.map(({ index }) => index)).size < args.length ? texts : [texts.join('')];
}

function compiledOf(line: string, profile: Seccomp): Compiled {
  const [verdict, first = '', hex = ''] = line.split(' ');
  if (verdict === 'no') return { refused: Number(first) };
  const program = new Uint8Array(Buffer.from(hex, 'hex'));
  const limits = newestCalls(profile, first.split(':').map(Number));
  return {
    program,
    answer: (call) => (isTooNew(call, limits) ? ENOSYS : interpret(program, call.data).action),
  };
}

/** The greatest number that is not too new, by architecture. */
function newestCalls(profile: Seccomp, newest: readonly number[]): ReadonlyMap<number | 'x32', number> {
  const limits = new Map<number | 'x32', number>();
  if (profile.defaultErrnoRet === 38) return limits;
  if (['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_TRACE'].includes(profile.defaultAction)) return limits;
  ARCHITECTURES.forEach((name, kind) => {
    const isNamed = profile.architectures.some((one) => one === `SCMP_ARCH_${name.toUpperCase()}`);
    const most = newest[kind] ?? 0;
    if ((isNamed || name === HOST) && most > 0) limits.set(name === 'x32' ? name : AUDIT[name], most);
  });
  return limits;
}

function isTooNew({ architecture, number }: Call, limits: ReadonlyMap<number | 'x32', number>): boolean {
  const isX32 = architecture === AUDIT.x86_64 && (number & X32_BIT) !== 0;
  const most = limits.get(isX32 ? 'x32' : architecture);
  return most !== undefined && number > most;
}
