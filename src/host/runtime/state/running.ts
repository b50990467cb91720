import { runtimeError } from '../errors.ts';
import { lockStateFile, openStateFile, requireRecord, type StateFile } from './file.ts';
import type { ContainerRecord, InitRecord } from './records.ts';
import { isAlive } from './status.ts';

/** A container whose init lives; its file of state stays open, and locked if it was, until disposed of. */
export class RunningContainer {
  readonly record: ContainerRecord;
  readonly init: InitRecord;
  readonly #file: StateFile;

  constructor(record: ContainerRecord, init: InitRecord, file: StateFile) {
    this.record = record;
    this.init = init;
    this.#file = file;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** For those who change it. Throws RUNTIME_NOT_FOUND, RUNTIME_NOT_RUNNING. */
export function lockRunning(root: string, id: string): RunningContainer {
  return requireRunning(lockStateFile(root, id));
}

/** For those who only look. */
export function openRunning(root: string, id: string): RunningContainer {
  return requireRunning(openStateFile(root, id));
}

function requireRunning(file: StateFile): RunningContainer {
  try {
    const state = file.read();
    const record = requireRecord(state, file.id);
    const { init } = state;
    if (init !== undefined && isAlive(init)) return new RunningContainer(record, init, file);
    throw runtimeError('RUNTIME_NOT_RUNNING', `The container ${file.id} is not running`);
  } catch (error) {
    file.close();
    throw error;
  }
}
