import { BPF, toAction, type Assembler, type Target } from './assembler.ts';
import type { Ranges } from './ranges.ts';
import type { Branch, Level, Test } from './tests.ts';

/** struct seccomp_data, include/uapi/linux/seccomp.h, little-endian: the call's number, architecture, arguments. */
export const NUMBER_OFFSET = 0;
export const ARCHITECTURE_OFFSET = 4;
const ARGUMENTS_OFFSET = 16;
const WHOLE = 0xffffffff;

const JUMP = {
  equal: BPF.JMP_JEQ_K,
  masked: BPF.JMP_JEQ_K,
  greater: BPF.JMP_JGT_K,
  greaterEqual: BPF.JMP_JGE_K,
} as const;

/** Where to go on; a test whose half of an argument is in the accumulator already is entered behind its load. */
interface Entry {
  readonly target: Target;
  readonly word?: number;
  readonly loaded?: Target;
}

/** The code of one architecture behind the load of the call's number. */
export class Emitter {
  readonly #assembler: Assembler;
  readonly #otherwise: Target;
  readonly #levels = new Map<Level, Target>();

  constructor(assembler: Assembler, defaultAction: number) {
    this.#assembler = assembler;
    this.#otherwise = toAction(defaultAction);
  }

  /** A search among the ranges, which halves them at each comparison. */
  search({ starts, outcomes }: Ranges): Target {
    const { branch } = this.#assembler;
    const targets = outcomes.map((outcome) => this.#outcome(outcome));
    const find = (from: number, to: number): Target => {
      const first = targets[from] ?? 0;
      const size = to - from;
      if (size === 1) return first;
      const start = starts[from + 1] ?? 0;
      const second = targets[from + 1] ?? 0;
      if (size === 2) return branch(BPF.JMP_JGE_K, start, [second, first]);
      if (size === 3 && first === targets[from + 2] && start + 1 === starts[from + 2]) {
        return branch(BPF.JMP_JEQ_K, start, [second, first]);
      }
      const middle = (from + to) >> 1;
      const right = find(middle, to);
      return branch(BPF.JMP_JGE_K, starts[middle] ?? 0, [right, find(from, middle)]);
    };
    return find(0, targets.length);
  }

  #outcome(outcome: number | Level): Target {
    if (typeof outcome === 'number') return toAction(outcome);
    const known = this.#levels.get(outcome);
    if (known !== undefined) return known;
    const { target } = this.#level(outcome, { target: this.#otherwise }, new Map());
    this.#levels.set(outcome, target);
    return target;
  }

  /** `next` is where to go when no test leads anywhere; `done` spares what two branches share. */
  #level(level: Level, next: Entry, done: Map<Level, Map<Target, Entry>>): Entry {
    const known = done.get(level)?.get(next.target);
    if (known !== undefined) return known;
    const entry = level.reduceRight((after, test) => this.#test(test, after, done), next);
    const entries = done.get(level) ?? new Map<Target, Entry>();
    done.set(level, entries.set(next.target, entry));
    return entry;
  }

  #test(test: Test, next: Entry, done: Map<Level, Map<Target, Entry>>): Entry {
    const known = knownAnswer(test);
    const yes = known === false ? undefined : this.#branch(test.yes, next, done);
    const no = known === true ? undefined : this.#branch(test.no, next, done);
    if (yes === undefined || no === undefined) return yes ?? no ?? next;
    if (yes.target === no.target) return yes;
    const isWhole = test.mask === WHOLE;
    const way = (entry: Entry): Target =>
      isWhole && entry.word === test.word && entry.loaded !== undefined ? entry.loaded : entry.target;
    const compared = this.#assembler.branch(JUMP[test.op], test.value, [way(yes), way(no)]);
    const loaded = isWhole ? compared : this.#assembler.and(test.mask);
    return { target: this.#assembler.load(ARGUMENTS_OFFSET + 4 * test.word), word: test.word, loaded };
  }

  #branch(branch: Branch, next: Entry, done: Map<Level, Map<Target, Entry>>): Entry {
    if (branch === undefined) return next;
    if (typeof branch === 'number') return { target: toAction(branch) };
    return this.#level(branch, next, done);
  }
}

/** What half an argument can't but be. */
function knownAnswer({ op, value, mask }: Test): boolean | undefined {
  if (op === 'greater' && value === WHOLE) return false;
  return mask === 0 || (op === 'greaterEqual' && value === 0) ? true : undefined;
}
