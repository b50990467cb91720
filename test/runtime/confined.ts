// Bundles under a seccomp profile, and small programs for them.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Bundle } from './bundle.ts';
import type { Outcome, RuntimeName } from './programs.ts';

const folder = mkdtempSync(join(tmpdir(), 'runt-programs-'));
after(() => rmSync(folder, { recursive: true }));
const compiled = new Set<string>();

/** A program of this folder, compiled once: its path. */
export function compileProgram(name: string): string {
  const path = join(folder, name);
  if (compiled.has(name)) return path;
  const source = fileURLToPath(new URL(`${name}.c`, import.meta.url));
  execFileSync('cc', ['-O1', '-static', '-pthread', '-o', path, source]);
  compiled.add(name);
  return path;
}

export interface Rule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly object[];
}

export function rule(name: string, action: string, more: Partial<Rule> = {}): Rule {
  return { names: [name], action: `SCMP_ACT_${action}`, ...more };
}

/** A profile that lets everything pass but what the rules say. */
export function allowingAll(...syscalls: readonly Rule[]): object {
  return { defaultAction: 'SCMP_ACT_ALLOW', architectures: ARCHITECTURES, syscalls };
}

export const ARCHITECTURES = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'];

/** A bundle whose program makes the calls that `args` name (calls.c). */
export function callingBundle(seccomp: object | undefined, ...args: readonly string[]): Bundle {
  const bundle = new Bundle();
  copyFileSync(compileProgram('calls'), join(bundle.rootfs, 'bin/calls'));
  bundle.config.process['args'] = ['/bin/calls', ...args];
  bundle.config.process['noNewPrivileges'] = true;
  if (seccomp !== undefined) bundle.config.linux['seccomp'] = seccomp;
  return bundle;
}

export function both(bundle: Bundle, control: RuntimeName = 'crun'): readonly [Outcome, Outcome] {
  return [bundle.run(), bundle.run({}, control)];
}

/** What the program prints, the same under both runtimes. */
export function agreed(bundle: Bundle, control: RuntimeName = 'crun'): string {
  const [ours, theirs] = both(bundle, control);
  assert.equal(ours.stdout, theirs.stdout, `runt: ${ours.stderr}\n${control}: ${theirs.stderr}`);
  assert.equal(ours.code, theirs.code, `runt: ${ours.stderr}\n${control}: ${theirs.stderr}`);
  return ours.stdout;
}

/** Calls that do nothing with their arguments: x86-64's and i386's numbers. */
export const GETPPID = { 64: 110, 32: 64 };
export const GETPGRP = { 64: 111, 32: 65 };
export const SIGSYS_CODE = 128 + 31;
