import { attempt, isSysError } from '../../kernel/call.ts';
import { readTextIfThere, writeExisting } from '../../kernel/files.ts';
import { sleep } from '../../kernel/process.ts';
import { named, runtimeError } from '../errors.ts';
import { findHierarchies } from './hierarchies.ts';
import { childrenOf } from './processes.ts';

const THAWED = 'THAWED';
const LIMIT_MS = 10_000;
const PAUSE_MS = 1;
/** A v1 freezer may come to rest half done when somebody forks or is stopped: it is begun anew now and then. */
const ROUNDS_BEFORE_RETRY = 50;

/** The file that freezes, what is written to it, and what then says that everybody is frozen. */
interface Freezer {
  readonly file: string;
  readonly words: readonly [thaw: string, freeze: string];
  readonly isFrozen: () => boolean;
}

/** Whether everybody in the container's cgroup is frozen. */
export function isFrozen(cgroups: readonly string[]): boolean {
  return findFreezer(cgroups)?.isFrozen() ?? false;
}

/** The file that says whether everybody is frozen, and the line in it that does; undefined without a freezer. */
export function freezerState(
  cgroups: readonly string[],
): { readonly file: string; readonly frozen: string } | undefined {
  const freezer = findFreezer(cgroups);
  if (freezer === undefined) return undefined;
  const isV1 = freezer.words[1] === 'FROZEN';
  return isV1
    ? { file: freezer.file, frozen: 'FROZEN' }
    : { file: freezer.file.replace(/freeze$/, 'events'), frozen: 'frozen 1' };
}

/** Stops everybody in the cgroup where they are. Throws RUNTIME_CGROUP_MISSING, RUNTIME_CGROUP_BUSY. */
export function freeze(cgroups: readonly string[]): void {
  const freezer = requireFreezer(cgroups);
  for (let waited = 0; waited < LIMIT_MS; waited += PAUSE_MS) {
    if (waited % ROUNDS_BEFORE_RETRY === 0) restart(freezer, waited > 0);
    if (freezer.isFrozen()) return;
    sleep(PAUSE_MS);
  }
  write(freezer, 0);
  throw runtimeError('RUNTIME_CGROUP_BUSY', `The processes did not freeze within 10 s: ${freezer.file}`);
}

export function thaw(cgroups: readonly string[]): void {
  write(requireFreezer(cgroups), 0);
}

/**
 * As thaw(), for those who remove the cgroup: it may have no freezer, or be gone. With v1 also what the container itself
 * has made below and frozen: who is frozen there does not die.
 */
export function thawIfFrozen(cgroups: readonly string[]): void {
  const freezer = findFreezer(cgroups);
  if (freezer === undefined) return;
  if (freezer.isFrozen()) thawLenient(freezer);
  const directory = freezer.file.slice(0, freezer.file.lastIndexOf('/'));
  if (freezer.words[0] === THAWED) for (const child of childrenOf(directory)) thawIfFrozen([child]);
}

/** Where a process really is, which an administrator may have moved and frozen; for v1, as v2's frozen die. */
export function thawPlaceOf(pid: number): void {
  const path = /^\d+:(?:[^:]*,)?freezer(?:,[^:]*)?:(.*)$/m.exec(
    readTextIfThere(`/proc/${pid}/cgroup`) ?? '',
  )?.[1];
  const hierarchy = findHierarchies().find(({ controllers }) => controllers.includes('freezer'));
  if (path !== undefined && hierarchy !== undefined) thawIfFrozen([hierarchy.mountPoint + path]);
}

function thawLenient(freezer: Freezer): void {
  try {
    write(freezer, 0);
  } catch (error) {
    if (!isSysError(error, 'ENOENT', 'ENODEV')) throw error;
  }
}

/** Does something while nobody in the cgroup can fork, where there is a freezer; who was frozen before stays so. */
export function whileFrozen(cgroups: readonly string[], action: () => void): void {
  const freezer = findFreezer(cgroups);
  if (freezer === undefined || freezer.isFrozen()) return action();
  freeze(cgroups);
  try {
    action();
  } finally {
    write(freezer, 0);
  }
}

function restart(freezer: Freezer, isStuck: boolean): void {
  if (isStuck) write(freezer, 0);
  write(freezer, 1);
}

function write({ file, words }: Freezer, state: 0 | 1): void {
  named(`Write ${words[state]} to ${file}`, () => writeExisting(file, words[state]));
}

function requireFreezer(cgroups: readonly string[]): Freezer {
  const freezer = findFreezer(cgroups);
  if (freezer !== undefined) return freezer;
  throw runtimeError(
    'RUNTIME_CGROUP_MISSING',
    'Freezing needs the cgroup controller freezer, where the container has no cgroup',
  );
}

function findFreezer(cgroups: readonly string[]): Freezer | undefined {
  for (const directory of cgroups) {
    const [v1, v2] = [`${directory}/freezer.state`, `${directory}/cgroup.freeze`];
    if (attempt('access', v1, 0) === 0) {
      return { file: v1, words: [THAWED, 'FROZEN'], isFrozen: () => read(v1) === 'FROZEN\n' };
    }
    if (attempt('access', v2, 0) === 0) {
      const events = `${directory}/cgroup.events`;
      return { file: v2, words: ['0', '1'], isFrozen: () => /^frozen 1$/m.test(read(events)) };
    }
  }
  return undefined;
}

function read(file: string): string {
  return readTextIfThere(file) ?? '';
}
