import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Bundle } from './bundle.ts';

export interface Hook {
  readonly path: string;
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  readonly timeout?: number;
}

export interface State {
  readonly ociVersion: string;
  readonly id: string;
  readonly status: string;
  readonly pid: number;
  readonly bundle: string;
  readonly annotations: Record<string, string>;
}

const OUTSIDE = ['prestart', 'createRuntime', 'createContainer', 'poststart', 'poststop'] as const;

/** A hook that is a script of the shell of wherever it runs. */
export function shell(script: string, more: Partial<Hook> = {}): Hook {
  return { path: '/bin/sh', args: ['sh', '-c', script], env: ['PATH=/usr/bin:/bin'], ...more };
}

export function setHooks(bundle: Bundle, hooks: Readonly<Record<string, readonly Hook[]>>): void {
  bundle.config['hooks'] = hooks;
}

/** What hooks have written to the bundle's log. */
export function logOf(bundle: Bundle): readonly string[] {
  const path = `${bundle.folder}/log`;
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

/** Every kind appends what `script` prints to one log; the container's own hook has that log bound in. */
export function setLogging(bundle: Bundle, script: (kind: string) => string): void {
  const log = `${bundle.folder}/log`;
  writeFileSync(log, '');
  bundle.config.mounts.push({ destination: '/log', source: log, options: ['bind'] });
  setHooks(bundle, {
    ...Object.fromEntries(OUTSIDE.map((kind) => [kind, [shell(`(${script(kind)}) >> ${log}`)]])),
    startContainer: [shell(`(${script('startContainer')}) >> /log`)],
  });
  bundle.script('echo program >> /log');
}
