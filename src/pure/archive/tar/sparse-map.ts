import { bytesToLatin1 } from '../../base/bytes.ts';
import { archiveError } from '../errors.ts';
import type { HeaderBlock } from './header-block.ts';
import { decimal } from './pax-records.ts';

const NEWLINE = 0x0a;
const PAIR = 24;

/** Where the stored bytes of a sparse file lie: offsets and lengths in turn. */
export type SparseMap = readonly number[];

/** The pairs of an old GNU sparse header (4 at byte 386) or of its extension (21 at byte 0). */
export function oldSparsePairs(block: HeaderBlock, from: number): number[] {
  const count = from === 0 ? 21 : 4;
  const map: number[] = [];
  for (let i = 0; i < count; i++) {
    const offset = from + i * PAIR;
    // A blank pair ends the list (GNU tar leaves the rest of the table empty).
    if (block.byte(offset + 12) === 0) break;
    map.push(block.number({ title: 'sparse offset', offset, length: 12 }));
    map.push(block.number({ title: 'sparse length', offset: offset + 12, length: 12 }));
  }
  return map;
}

/** The map of PAX sparse format 0.1: decimal numbers with commas between. */
export function parseCommaMap(value: Uint8Array): number[] {
  if (value.length === 0) return [];
  const numbers = bytesToLatin1(value).split(',');
  return numbers.map((text) => {
    const number = /^\d{1,19}$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(number)) return number;
    throw archiveError('ARCHIVE_CORRUPT', 'GNU.sparse.map in a PAX header holds something that is no number');
  });
}

/** The map of PAX sparse format 0.0, whose records come one by one. */
export function parseRecordMap(values: readonly Uint8Array[]): number[] {
  return values.map((value) => decimal(value, 'The sparse map'));
}

/** The map of PAX sparse format 1.0: lines of decimal digits before the content, the first tells how many pairs. */
export class LineMap {
  readonly #numbers: number[] = [];
  #value = 0;
  #digits = 0;
  #wanted = 1;

  /** Takes the next block; true when the map is whole. */
  feed(block: Uint8Array): boolean {
    for (const byte of block) {
      if (byte === NEWLINE) {
        if (this.#line()) return true;
      } else this.#digit(byte - 0x30);
    }
    return false;
  }

  map(): SparseMap {
    return this.#numbers.slice(1);
  }

  #digit(digit: number): void {
    this.#value = this.#value * 10 + digit;
    if (digit < 0 || digit > 9 || ++this.#digits > 16 || !Number.isSafeInteger(this.#value)) {
      throw archiveError('ARCHIVE_CORRUPT', 'The map of a sparse file holds something that is no number');
    }
  }

  #line(): boolean {
    if (this.#digits === 0)
      throw archiveError('ARCHIVE_CORRUPT', 'The map of a sparse file has an empty line');
    this.#numbers.push(this.#value);
    if (this.#numbers.length === 1) this.#wanted = 1 + 2 * this.#value;
    this.#value = 0;
    this.#digits = 0;
    return this.#numbers.length === this.#wanted;
  }
}

export interface SparseTarget {
  data(bytes: Uint8Array): void;
  hole(length: number): void;
}

/** Turns the stored bytes of a sparse file into its content. */
export class SparseExpander {
  readonly #map: SparseMap;
  readonly #size: number;
  readonly #target: SparseTarget;
  #next = 0;
  #position = 0;

  /** `stored` is how many bytes the archive brings: the map must tell of just so many. */
  constructor(
    map: SparseMap,
    size: { readonly real: number; readonly stored: number },
    target: SparseTarget,
  ) {
    this.#map = map;
    this.#size = size.real;
    this.#target = target;
    check(map, size);
  }

  data(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const start = this.#at(this.#next);
      const end = start + this.#at(this.#next + 1);
      if (this.#position >= end && this.#position >= start) {
        this.#next += 2;
        continue;
      }
      if (this.#position < start) this.#hole(start);
      const length = Math.min(bytes.length - at, end - this.#position);
      this.#target.data(bytes.subarray(at, at + length));
      this.#position += length;
      at += length;
    }
  }

  end(): void {
    if (this.#position < this.#size) this.#hole(this.#size);
  }

  #at(index: number): number {
    return this.#map[index] ?? 0;
  }

  #hole(to: number): void {
    this.#target.hole(to - this.#position);
    this.#position = to;
  }
}

function check(map: SparseMap, size: { readonly real: number; readonly stored: number }): void {
  let end = 0;
  let stored = 0;
  let right = map.length % 2 === 0 && size.real >= 0;
  for (let i = 0; i < map.length; i += 2) {
    const offset = map[i] ?? 0;
    const length = map[i + 1] ?? 0;
    right &&= offset >= end && length >= 0 && offset + length <= size.real;
    end = offset + length;
    stored += length;
  }
  if (right && stored === size.stored) return;
  throw archiveError('ARCHIVE_CORRUPT', 'The map of a sparse file does not fit its content');
}
