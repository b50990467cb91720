// Bundles under a seccomp profile, and small programs for them.

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Bundle } from './bundle.ts';

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
