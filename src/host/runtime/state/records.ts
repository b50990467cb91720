import type { Annotations, Hooks, Process } from '../../../pure/spec/runtime.ts';
import { retry } from '../../kernel/call.ts';
import { encode, writeAll } from '../../kernel/files.ts';
import { fromFilterRecord, toFilterRecord, type Filter } from '../seccomp/filter.ts';

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
  /** The one of them that is of cgroup v2. */
  readonly unified?: string;
  /** Where `exec` begins from. */
  readonly process: Process;
  /** Whether they are in a user namespace other than the creator's. */
  readonly isMapped: boolean;
  /** Whether a seccomp filter is over its processes, which has a line of its own. */
  readonly isFiltered: boolean;
  /** Whether its pid namespace is one that it joined. */
  readonly joinsPids?: boolean;
  /** Whether it has a time namespace. */
  readonly hasTime?: boolean;
  /** As Linux has it, for `exec`. */
  readonly personality?: number | undefined;
  /** Those of the container's life after its creation, kept because the bundle may change. */
  readonly hooks?: Hooks;
}

/** Names init for good: a pid alone may come to name another process. */
export interface InitRecord {
  readonly pid: number;
  /** Field 22 of proc_pid_stat(5). */
  readonly startTime: string;
  /** Whether the container shares a cgroup with somebody else, who outlives it. */
  readonly sharesCgroup?: boolean;
}

const RECORD_LIMIT = 32 << 20;

/**
 * What a container's file of state says: a line of JSON that is the record and, once init has been let go, a
 * second that names init and a third for its seccomp filter, if it has one. A line that was cut short by a kill counts as none.
 */
export class StateRecords {
  readonly #recordText: string;
  readonly #filterText: string;
  readonly init: InitRecord | undefined;

  constructor(text: string) {
    const [recordText = '', initText = '', filterText = ''] = text.split('\n', 3);
    this.#recordText = recordText;
    this.#filterText = filterText;
    const init = parseWhole(initText);
    this.init = init !== undefined && whole().isInit(init) ? init : undefined;
  }

  /** undefined where it was never written whole: then nothing had been done yet. */
  get record(): ContainerRecord | undefined {
    const record = parseWhole(this.#recordText);
    return record !== undefined && whole().isRecord(record)
      ? { ...record, process: withLimits(record.process, BigInt) }
      : undefined;
  }

  /** undefined where there is none, or where it was never written whole. */
  get filter(): Filter | undefined {
    const record = parseWhole(this.#filterText);
    return record !== undefined && whole().isFilter(record) ? fromFilterRecord(record) : undefined;
  }
}

type Whole = typeof import('./whole.chunk.ts');

let loaded: Whole | undefined;

/** Read by those who read a file: whoever makes a container does without. */
function whole(): Whole {
  loaded ??= load('runtime/state/whole.chunk.js') as Whole;
  return loaded;
}

function parseWhole(line: string): unknown {
  try {
    return line === '' ? undefined : JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Limits are 64 bits wide, which JSON's numbers are not: they are kept as texts. */
function withLimits(process: Process, convert: (value: bigint) => unknown): Process {
  const rlimits = process.rlimits.map(({ type, soft, hard }) => ({
    type,
    soft: convert(soft),
    hard: convert(hard),
  }));
  return { ...process, rlimits: rlimits as Process['rlimits'] };
}

/** Into a new file, which stays open for appendInit(). */
export function writeRecord(file: { readonly number: number }, record: ContainerRecord): void {
  const text = JSON.stringify({ ...record, process: withLimits(record.process, String) });
  writeAll(file.number, encode(`${text}\n`));
}

export function appendInit(
  file: { readonly number: number },
  init: InitRecord,
  filter: Filter | undefined,
): void {
  const filterText = filter === undefined ? '' : `\n${JSON.stringify(toFilterRecord(filter))}`;
  writeAll(file.number, encode(`${JSON.stringify(init)}${filterText}`));
}

/** What a file of that size says; one that is beyond all reason says nothing. */
export function readRecords(file: number, size: number): StateRecords {
  const content = new Uint8Array(size <= RECORD_LIMIT ? size : 0);
  let length = 0;
  for (let count = -1; length < content.length && count !== 0; length += count) {
    count = retry('pread64', file, content.subarray(length), content.length - length, length);
  }
  return new StateRecords(utf8(content, 0, length));
}
