import { MACHINE } from '../../kernel/numbers.ts';
import { armCalls } from './arm-calls.ts';
import { X32_OWN, X86, X86_64, X86_64_ONLY } from './x86.ts';

/** The architectures whose calls a filter can tell apart; others can't run on a host of these. */
export type Architecture = 'x86_64' | 'x86' | 'x32' | 'aarch64' | 'arm';

/** The calls of one architecture: runs of numbers without a gap, in their order. */
export type Table = readonly Run[];

export interface Run {
  readonly start: number;
  /** Of each call from `start` on, the place of its name among its family's. */
  readonly places: Uint16Array;
}

/** Architectures whose names are looked up together. */
export interface Family {
  /** The place of each name, from 0. */
  readonly names: ReadonlyMap<string, number>;
  readonly tables: Readonly<Partial<Record<Architecture, Table>>>;
}

// Made at once and not at first need, so that they are in the ready heap of a verb that compiles filters.
const X86_FAMILY = x86Family();
let loadedArm = MACHINE === 'aarch64' ? armFamily() : undefined;

export function familyOf(architecture: Architecture): Family {
  if (architecture !== 'aarch64' && architecture !== 'arm') return X86_FAMILY;
  loadedArm ??= armFamily();
  return loadedArm;
}

/** Numbers of x32 are without bit 30. */
export function tableOf(architecture: Architecture, family: Family): Table {
  return family.tables[architecture] ?? [];
}

function armFamily(): Family {
  const { AARCH64, ARM } = armCalls();
  const names = new Map<string, number>();
  const tables = { aarch64: tableOfCalls(callsIn(AARCH64), names), arm: tableOfCalls(callsIn(ARM), names) };
  return { names, tables };
}

function x86Family(): Family {
  const names = new Map<string, number>();
  const calls = callsIn(X86_64);
  const others = new Set(X86_64_ONLY.split(/\s/));
  const shared = calls.filter(([name]) => !others.has(name));
  const x86_64 = tableOfCalls(calls, names);
  const x32 = tableOfCalls([...shared, ...callsIn(X32_OWN)], names);
  return { names, tables: { x86_64, x32, x86: tableOfCalls(callsIn(X86), names) } };
}

type Call = readonly [name: string, number: number];

/** Names count on from the last number that the text gives. */
function callsIn(text: string): readonly Call[] {
  const calls: Call[] = [];
  let next = 0;
  for (const word of text.split(/\s/)) {
    if (word < 'A') next = Number(word);
    else calls.push([word, next++]);
  }
  return calls;
}

function tableOfCalls(calls: readonly Call[], names: Map<string, number>): Table {
  const runs: { readonly start: number; readonly places: number[] }[] = [];
  for (const [name, number] of calls) {
    const place = names.get(name) ?? names.size;
    names.set(name, place);
    const last = runs.at(-1);
    if (last !== undefined && last.start + last.places.length === number) last.places.push(place);
    else runs.push({ start: number, places: [place] });
  }
  return runs.map(({ start, places }) => ({ start, places: Uint16Array.from(places) }));
}
