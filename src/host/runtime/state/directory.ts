import { attempt, isSysError, retry, sys } from '../../kernel/call.ts';
import { LOCK, O } from '../../kernel/constants.ts';
import { keptAfter, makeDirectories, openFile, type Fd } from '../../kernel/files.ts';
import { statusOf } from '../../kernel/stat.ts';
import { runtimeError } from '../errors.ts';
import { checkId } from './names.ts';
import type { Filter } from '../seccomp/filter.ts';
import type { ContainerRecord, StateFile } from './record.ts';

const PRIVATE = 0o700;

/** A new container's directory, locked until closed. Throws RUNTIME_EXISTS. */
export function createDirectory(root: string, id: string): Fd {
  checkId(id);
  const path = `${root}/${id}`;
  try {
    makeNew(root, path);
  } catch (error) {
    if (!isSysError(error, 'EEXIST')) throw error;
    throw runtimeError(
      'RUNTIME_EXISTS',
      `A container ${id} exists already: delete it or choose another id`,
      error,
    );
  }
  try {
    return openLocked(path);
  } catch (error) {
    attempt('rmdir', path);
    throw error;
  }
}

function makeNew(root: string, path: string): void {
  try {
    sys('mkdir', path, PRIVATE);
  } catch (error) {
    if (!isSysError(error, 'ENOENT')) throw error;
    makeDirectories(root, PRIVATE);
    sys('mkdir', path, PRIVATE);
  }
}

/** A container's directory, locked until closed: who changes the container's state works alone. */
export function lockDirectory(root: string, id: string): Fd {
  const directory = orNotFound(id, () => openLocked(`${root}/${id}`));
  return keptAfter(directory, ({ number }) => {
    // Whoever held the lock before may have deleted the container.
    if (statusOf(number).links === 0) throw notFound(id);
  });
}

/** As `lockDirectory` for those who only look. */
export function openDirectory(root: string, id: string): Fd {
  return orNotFound(id, () => openFile(`${root}/${id}`, O.RDONLY | O.DIRECTORY | O.NOFOLLOW));
}

function openLocked(path: string): Fd {
  const directory = openFile(path, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  return keptAfter(directory, ({ number }) => retry('flock', number, LOCK.EX));
}

function orNotFound(id: string, open: () => Fd): Fd {
  checkId(id);
  try {
    return open();
  } catch (error) {
    if (!isSysError(error, 'ENOENT')) throw error;
    throw notFound(id, error);
  }
}

function notFound(id: string, cause?: unknown): Error {
  return runtimeError('RUNTIME_NOT_FOUND', `The container ${id} does not exist`, cause);
}

/** The record of a container that was made whole. */
export function requireRecord({ record }: StateFile, id: string): ContainerRecord {
  if (record !== undefined) return record;
  const text = `The container ${id} was never created whole: remove it with "delete --force ${id}"`;
  throw runtimeError('RUNTIME_STATE_UNREADABLE', text);
}

/** The filter over the container's processes: one that has it never gets a process without. */
export function requireFilter(state: StateFile, { id, isFiltered }: ContainerRecord): Filter | undefined {
  if (!isFiltered) return undefined;
  const { filter } = state;
  if (filter !== undefined) return filter;
  throw runtimeError(
    'RUNTIME_STATE_UNREADABLE',
    `The seccomp filter of the container ${id} is not on record`,
  );
}
