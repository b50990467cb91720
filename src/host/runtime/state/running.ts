import type { Fd } from '../../kernel/files.ts';
import { runtimeError } from '../errors.ts';
import { lockDirectory, openDirectory, requireRecord } from './directory.ts';
import { readStateFile, type ContainerRecord, type InitRecord } from './record.ts';
import { isAlive } from './status.ts';

/** A container whose init lives; its directory stays open, and locked if it was, until disposed of. */
export class RunningContainer {
  readonly record: ContainerRecord;
  readonly init: InitRecord;
  readonly #directory: Fd;

  constructor(record: ContainerRecord, init: InitRecord, directory: Fd) {
    this.record = record;
    this.init = init;
    this.#directory = directory;
  }

  [Symbol.dispose](): void {
    this.#directory.close();
  }
}

/** For those who change it. Throws RUNTIME_NOT_FOUND, RUNTIME_NOT_RUNNING. */
export function lockRunning(root: string, id: string): RunningContainer {
  return requireRunning(lockDirectory(root, id), id);
}

/** For those who only look. */
export function openRunning(root: string, id: string): RunningContainer {
  return requireRunning(openDirectory(root, id), id);
}

function requireRunning(directory: Fd, id: string): RunningContainer {
  try {
    const state = readStateFile(directory);
    const record = requireRecord(state, id);
    const { init } = state;
    if (init !== undefined && isAlive(init)) return new RunningContainer(record, init, directory);
    throw runtimeError('RUNTIME_NOT_RUNNING', `The container ${id} is not running`);
  } catch (error) {
    directory.close();
    throw error;
  }
}
