import type { Annotations, Process } from '../../../pure/spec/runtime.ts';
import { formatJson, parseJson } from '../../../pure/base/json.ts';
import { isSysError, sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { encode, openAt, readAll, writeAll, type Fd } from '../../kernel/files.ts';
import { INIT_FILE, STATE_FILE } from './names.ts';

/** What was wanted, written whole before the first side effect. */
export interface ContainerRecord {
  readonly version: 1;
  readonly ociVersion: string;
  readonly id: string;
  readonly bundle: string;
  readonly rootfs: string;
  /** RFC 3339. */
  readonly created: string;
  readonly annotations: Annotations;
  /** The container's directory in each cgroup hierarchy, absolute. */
  readonly cgroups: readonly string[];
  /** Where `exec` begins from. */
  readonly process: Process;
}

/** Names init for good: a pid alone may come to name another process. */
export interface InitRecord {
  readonly pid: number;
  /** Field 22 of proc_pid_stat(5). */
  readonly startTime: string;
}

const RECORD_LIMIT = 32 << 20;

export function writeRecord(directory: Fd, record: ContainerRecord): void {
  createAt(directory, STATE_FILE, formatJson(record));
}

export function writeInit(directory: Fd, init: InitRecord): void {
  createAt(directory, INIT_FILE, JSON.stringify(init));
}

/** undefined where it was never written whole: then nothing had been done yet. */
export function readRecord(directory: Fd): ContainerRecord | undefined {
  const record = readAt(directory, STATE_FILE, parseJson) as ContainerRecord | undefined;
  return record === undefined ? undefined : { ...record, process: withExactLimits(record.process) };
}

/** JSON has one kind of number, but limits are 64 bits wide whatever their value. */
function withExactLimits(process: Process): Process {
  const rlimits = process.rlimits.map(({ type, soft, hard }) => ({
    type,
    soft: BigInt(soft),
    hard: BigInt(hard),
  }));
  return { ...process, rlimits };
}

/** undefined where init was never let go. */
export function readInit(directory: Fd): InitRecord | undefined {
  return readAt(directory, INIT_FILE, JSON.parse) as InitRecord | undefined;
}

function createAt(directory: Fd, name: string, text: string): void {
  using file = openAt(directory.number, name, O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW, 0o600);
  writeAll(file.number, encode(text));
}

function readAt(directory: Fd, name: string, parse: (text: string) => unknown): unknown {
  try {
    using file = openAt(directory.number, name, O.RDONLY | O.NOFOLLOW);
    const content = readAll(file.number, RECORD_LIMIT);
    return parse(utf8(content, 0, content.length));
  } catch (error) {
    if (isSysError(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Removes a file that may be gone already. */
export function removeAt(directory: Fd, name: string): void {
  try {
    sys('unlinkat', directory.number, name, 0);
  } catch (error) {
    if (!isSysError(error, 'ENOENT')) throw error;
  }
}
