import { X32_OWN, X86, X86_64, X86_64_ONLY } from './x86.ts';

/** The architectures whose calls a filter can tell apart; others can't run on a host of these. */
export type Architecture = 'x86_64' | 'x86' | 'x32' | 'aarch64' | 'arm';

/** The calls of one architecture in the order of their numbers. */
export interface Table {
  /** Of each name, its place in `numbers`. */
  readonly places: ReadonlyMap<string, number>;
  readonly numbers: readonly number[];
}

// Made at once and not at first need, so that they are in the ready heap of a verb that loads filters.
const X86_64_TABLE = tableOfText(X86_64);
const X86_TABLE = tableOfText(X86);
const X32_TABLE = tableOfX32();

/** x32's numbers are without bit 30. */
export function tableOf(architecture: Architecture): Table {
  switch (architecture) {
    case 'x86_64':
      return X86_64_TABLE;
    case 'x86':
      return X86_TABLE;
    case 'x32':
      return X32_TABLE;
    case 'aarch64':
    case 'arm': {
      const { AARCH64, ARM } = load('runtime/seccomp/arm.chunk.js') as typeof import('./arm.chunk.ts');
      return tableOfText(architecture === 'arm' ? ARM : AARCH64);
    }
  }
}

/** Names count on from the last number that the text gives. */
function tableOfText(text: string): Table {
  const places = new Map<string, number>();
  const numbers: number[] = [];
  let next = 0;
  for (const word of text.replaceAll('\n', ' ').split(' ')) {
    if (word < 'A') {
      next = Number(word);
    } else {
      places.set(word, numbers.length);
      numbers.push(next++);
    }
  }
  return { places, numbers };
}

function tableOfX32(): Table {
  const places = new Map<string, number>();
  const numbers: number[] = [];
  const others = new Set(X86_64_ONLY.replaceAll('\n', ' ').split(' '));
  for (const [table, left] of [
    [X86_64_TABLE, others],
    [tableOfText(X32_OWN), new Set<string>()],
  ] as const) {
    for (const [name, place] of table.places) {
      if (left.has(name)) continue;
      places.set(name, numbers.length);
      numbers.push(table.numbers[place] ?? 0);
    }
  }
  return { places, numbers };
}
