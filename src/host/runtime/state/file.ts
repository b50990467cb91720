import { attempt, isSysError, retry, sys } from '../../kernel/call.ts';
import { LOCK, O, S } from '../../kernel/constants.ts';
import { makeDirectories, openFile, type Fd } from '../../kernel/files.ts';
import { isDirectory, statusOf, type FileStatus } from '../../kernel/stat.ts';
import { runtimeError } from '../errors.ts';
import { checkId } from './names.ts';
import { readRecords, type ContainerRecord, type StateRecords } from './records.ts';
import type { Filter } from '../seccomp/filter.ts';

const PRIVATE_DIRECTORY = 0o700;
const PRIVATE = 0o600;
/** Whatever stands in the file's place: opening it neither waits nor changes anything. */
const WARY = O.NOFOLLOW | O.NONBLOCK | O.NOCTTY;

/** The file that is a container's state, `<root>/<id>`: open, and locked until closed if that was asked for. */
export class StateFile {
  readonly root: string;
  readonly id: string;
  readonly #fd: Fd;
  readonly #status: FileStatus;

  constructor(place: { readonly root: string; readonly id: string }, fd: Fd, status: FileStatus) {
    this.root = place.root;
    this.id = place.id;
    this.#fd = fd;
    this.#status = status;
  }

  get number(): number {
    return this.#fd.number;
  }

  /** Whose container it is. */
  get uid(): number {
    return this.#status.uid;
  }

  /** As it was when it was opened, which is as it is for whoever has locked it. */
  read(): StateRecords {
    return readRecords(this.#fd.number, this.#status.size);
  }

  /** The container is no more; for whoever has locked it. */
  remove(): void {
    const path = `${this.root}/${this.id}`;
    const removed = attempt('unlink', path);
    if (removed < 0 && removed !== -2) sys('unlink', path);
  }

  close(): void {
    this.#fd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** A new container's file, locked: that it is made claims the id. Throws RUNTIME_EXISTS. */
export function createStateFile(root: string, id: string): StateFile {
  checkId(id);
  for (;;) {
    const fd = openNew(root, id);
    try {
      retry('flock', fd.number, LOCK.EX);
      const status = statusOf(fd.number);
      // Else somebody deleted it before it was locked, and the id is free again.
      if (status.links > 0) return new StateFile({ root, id }, fd, status);
    } catch (error) {
      fd.close();
      attempt('unlink', `${root}/${id}`);
      throw error;
    }
    fd.close();
  }
}

function openNew(root: string, id: string): Fd {
  try {
    return openExclusively(root, id);
  } catch (error) {
    if (!isSysError(error, 'EEXIST')) throw error;
    const text = `A container ${id} exists already: delete it or choose another id`;
    throw runtimeError('RUNTIME_EXISTS', text, error);
  }
}

function openExclusively(root: string, id: string): Fd {
  const flags = O.RDWR | O.CREAT | O.EXCL | O.NOFOLLOW;
  try {
    return openFile(`${root}/${id}`, flags, PRIVATE);
  } catch (error) {
    if (!isSysError(error, 'ENOENT')) throw error;
    makeDirectories(root, PRIVATE_DIRECTORY);
    return openFile(`${root}/${id}`, flags, PRIVATE);
  }
}

/** A container's file, locked until closed: who changes the container works alone. Throws RUNTIME_NOT_FOUND. */
export function lockStateFile(root: string, id: string): StateFile {
  // For writing too: NFS locks no other.
  return openExisting(root, id, O.RDWR);
}

/** As `lockStateFile` for those who only look. */
export function openStateFile(root: string, id: string): StateFile {
  return openExisting(root, id, O.RDONLY);
}

function openExisting(root: string, id: string, access: number): StateFile {
  checkId(id);
  const fd = openOrSay(root, id, access);
  try {
    if (access === O.RDWR) retry('flock', fd.number, LOCK.EX);
    const status = statusOf(fd.number);
    // Whoever held the lock before may have deleted the container.
    if (status.links === 0) throw notFound(id);
    if ((status.mode & S.IFMT) !== S.IFREG) throw noFile(root, id, isDirectory(status));
    return new StateFile({ root, id }, fd, status);
  } catch (error) {
    fd.close();
    throw error;
  }
}

function openOrSay(root: string, id: string, access: number): Fd {
  try {
    return openFile(`${root}/${id}`, access | WARY);
  } catch (error) {
    if (isSysError(error, 'ENOENT')) throw notFound(id, error);
    // A directory, a symbolic link, a socket or a device without its hardware.
    if (isSysError(error, 'EISDIR')) throw noFile(root, id, true);
    if (isSysError(error, 'ELOOP', 'ENXIO', 'ENODEV')) throw noFile(root, id, false);
    throw error;
  }
}

export function notFound(id: string, cause?: unknown): Error {
  return runtimeError('RUNTIME_NOT_FOUND', `The container ${id} does not exist`, cause);
}

function noFile(root: string, id: string, isOlder: boolean): Error {
  const text = isOlder
    ? `The container ${id} was made by an older version: remove it with "delete --force ${id}"`
    : `${root}/${id} is no file, so no container's state: remove it by hand`;
  return runtimeError('RUNTIME_STATE_UNREADABLE', text);
}

/** The record of a container that was made whole. */
export function requireRecord({ record }: StateRecords, id: string): ContainerRecord {
  if (record !== undefined) return record;
  const text = `The container ${id} was never created whole: remove it with "delete --force ${id}"`;
  throw runtimeError('RUNTIME_STATE_UNREADABLE', text);
}

/** The filter over the container's processes: one that has it never gets a process without. */
export function requireFilter(state: StateRecords, { id, isFiltered }: ContainerRecord): Filter | undefined {
  if (!isFiltered) return undefined;
  const { filter } = state;
  if (filter !== undefined) return filter;
  throw runtimeError(
    'RUNTIME_STATE_UNREADABLE',
    `The seccomp filter of the container ${id} is not on record`,
  );
}
