import { existsSync } from 'node:fs';
import { RUNT } from '../runtime/programs.ts';

/** The runtime that an engine is given: ours, or the control for the test itself. */
export interface ChosenRuntime {
  readonly name: string;
  readonly path: string;
}

const PATHS: Readonly<Record<string, readonly string[]>> = {
  runt: [RUNT],
  crun: ['/usr/bin/crun'],
  runc: ['/usr/sbin/runc', '/usr/bin/runc'],
};

/** CORTEN_DROPIN_RUNTIME=crun or =runc shows that a case holds with the engine's own runtime too. */
export function chosenRuntime(): ChosenRuntime {
  const name = process.env['CORTEN_DROPIN_RUNTIME'] ?? 'runt';
  const path = (PATHS[name] ?? []).find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`The runtime ${name} is not on this machine`);
  return { name, path };
}
