import { archiveError } from '../errors.ts';
import { nameText } from '../name-text.ts';
import type { TarEntry, TarHandler } from '../tar-entry.ts';
import type { HeaderBlock } from './header-block.ts';
import { field, number, type RawEntry } from './read-entry.ts';
import type { PaxHeader } from './pax-records.ts';
import { LineMap, oldSparsePairs, parseCommaMap, parseRecordMap, SparseExpander } from './sparse-map.ts';
import type { SparseMap } from './sparse-map.ts';

const REAL_SIZE = { title: 'real size', offset: 483, length: 12 };
const ZEROS = new Uint8Array(65_536);

export interface SparseSources {
  readonly pax: PaxHeader;
  /** The header, if it is one of GNU's old sparse format. */
  readonly block: HeaderBlock | undefined;
  readonly major: number | undefined;
}

/** Hands the content of entries on, whole: that of a sparse file with its holes in place. */
export class SparseContent {
  readonly #handler: TarHandler;
  readonly #maxHeader: number;
  #raw: RawEntry | undefined;
  #real = 0;
  #pairs: number[] = [];
  #extensionBytes = 0;
  #lines: LineMap | undefined;
  #expander: SparseExpander | undefined;

  constructor(handler: TarHandler, maxHeader: number) {
    this.#handler = handler;
    this.#maxHeader = maxHeader;
  }

  /** Takes an entry: 'content' when it was handed on, else which blocks of a map are wanted first. */
  begin(raw: RawEntry, sources: SparseSources): 'content' | 'lines' | 'extension' {
    this.#raw = raw;
    this.#extensionBytes = 0;
    const { pax, block, major } = sources;
    if (raw.entry.type === 'file' && block !== undefined) return this.#beginOld(block);
    if (raw.entry.type === 'file' && major !== undefined) return this.#beginLines(pax, major);
    const mapped = pax.fields.has('GNU.sparse.map') || pax.fields.has('GNU.sparse.size');
    if (raw.entry.type === 'file' && (mapped || pax.sparse.length > 0)) return this.#beginRecords(pax);
    this.#handler.entry(raw.entry);
    return 'content';
  }

  /** A block of the map of format 1.0; true when content follows. */
  line(block: HeaderBlock, stored: number): boolean {
    this.#count(block.bytes.length);
    if (this.#lines?.feed(block.bytes) !== true) return false;
    this.#start(this.#lines.map(), stored);
    return true;
  }

  /** A block of the old format's map; true when content follows. */
  extension(block: HeaderBlock): boolean {
    this.#count(block.bytes.length);
    for (const value of oldSparsePairs(block, 0)) this.#pairs.push(value);
    if (block.byte(504) !== 0) return false;
    this.#start(this.#pairs, this.#raw?.stored ?? 0);
    return true;
  }

  data(bytes: Uint8Array): void {
    if (this.#expander === undefined) this.#handler.data(bytes);
    else this.#expander.data(bytes);
  }

  end(): void {
    this.#expander?.end();
    this.#expander = undefined;
    this.#handler.end?.();
  }

  #beginOld(block: HeaderBlock): 'content' | 'extension' {
    this.#real = block.number(REAL_SIZE);
    this.#pairs = oldSparsePairs(block, 386);
    if (block.byte(482) !== 0) return 'extension';
    this.#start(this.#pairs, this.#raw?.stored ?? 0);
    return 'content';
  }

  #beginLines(pax: PaxHeader, major: number): 'lines' {
    if (major !== 1 || (number(pax, 'GNU.sparse.minor') ?? 0) !== 0) {
      throw archiveError(
        'ARCHIVE_UNSUPPORTED',
        `Entry ${this.#name()} has a sparse format that is none of GNU's`,
      );
    }
    this.#real = this.#wanted(number(pax, 'GNU.sparse.realsize') ?? number(pax, 'GNU.sparse.size'));
    this.#lines = new LineMap();
    return 'lines';
  }

  #beginRecords(pax: PaxHeader): 'content' {
    this.#real = this.#wanted(number(pax, 'GNU.sparse.size') ?? number(pax, 'GNU.sparse.realsize'));
    const commas = field(pax, 'GNU.sparse.map');
    this.#start(
      commas === undefined ? parseRecordMap(pax.sparse) : parseCommaMap(commas),
      this.#raw?.stored ?? 0,
    );
    return 'content';
  }

  #wanted(size: number | undefined): number {
    if (size !== undefined) return size;
    throw archiveError('ARCHIVE_CORRUPT', `Sparse file ${this.#name()} tells no real size`);
  }

  #start(map: SparseMap, stored: number): void {
    const target = {
      data: (bytes: Uint8Array): void => this.#handler.data(bytes),
      hole: (length: number): void => this.#hole(length),
    };
    try {
      this.#expander = new SparseExpander(map, { real: this.#real, stored }, target);
    } catch (error) {
      throw archiveError('ARCHIVE_CORRUPT', `The sparse map of ${this.#name()} does not fit its content`, {
        cause: error,
      });
    }
    const entry = this.#raw?.entry;
    if (entry !== undefined) this.#handler.entry({ ...entry, size: this.#real });
    this.#pairs = [];
    this.#lines = undefined;
  }

  #hole(length: number): void {
    if (this.#handler.hole !== undefined) {
      this.#handler.hole(length);
      return;
    }
    for (let left = length; left > 0; left -= ZEROS.length) {
      this.#handler.data(left < ZEROS.length ? ZEROS.subarray(0, left) : ZEROS);
    }
  }

  #count(bytes: number): void {
    this.#extensionBytes += bytes;
    if (this.#extensionBytes <= this.#maxHeader) return;
    throw archiveError(
      'ARCHIVE_LIMIT',
      `The sparse map of ${this.#name()} has more than ${this.#maxHeader} bytes`,
    );
  }

  #name(): string {
    const entry: TarEntry | undefined = this.#raw?.entry;
    return entry === undefined ? 'an entry' : nameText(entry.path);
  }
}
