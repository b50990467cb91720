import { archiveError } from './errors.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { nameText } from './name-text.ts';
import type { TarHandler } from './tar-entry.ts';
import { BLOCK, HeaderBlock, padding } from './tar/header-block.ts';
import { EMPTY_PAX, mergeGlobal, parsePax } from './tar/pax-records.ts';
import { effectivePax, entryType, number, type Prelude, readEntry } from './tar/read-entry.ts';
import { SparseContent } from './tar/sparse-content.ts';

const HEADER = 0;
const SPARSE_EXTENSION = 1;
const SPARSE_LINES = 2;
const SECOND_ZERO = 3;
const EXTENDED = 4;
const CONTENT = 5;
const SKIP = 6;
const END = 7;

const PAX_LOCAL = 0x78;
const PAX_GLOBAL = 0x67;
const LONG_NAME = 0x4c;
const LONG_LINK = 0x4b;
const VOLUME_LABEL = 0x56;
const OLD_SPARSE = 0x53;

/**
 * Reads a tar archive from pieces of any size: v7, ustar, PAX, GNU and star headers, sparse files in all of GNU's
 * formats. Its memory does not grow with the archive. After an error it takes nothing more.
 */
export class TarReader {
  readonly #maxHeader: number;
  readonly #block = new HeaderBlock();
  readonly #sparse: SparseContent;
  readonly #prelude: Prelude & { global: typeof EMPTY_PAX } = {
    global: EMPTY_PAX,
    pax: undefined,
    longName: undefined,
    longLink: undefined,
  };
  #state = HEADER;
  #fill = 0;
  #left = 0;
  #padding = 0;
  #blocks = 0;
  #extended = new Uint8Array(0);
  #extendedType = 0;
  #path: Uint8Array | undefined;

  constructor(handler: TarHandler, options: { readonly maxHeader?: number } = {}) {
    this.#maxHeader = options.maxHeader ?? DEFAULT_LIMITS.headerBytes;
    this.#sparse = new SparseContent(handler, this.#maxHeader);
  }

  /** Takes the next bytes of the archive; what follows the end mark is ignored, as by other readers. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && this.#state !== END;) at += this.#take(bytes, at);
  }

  /**
   * Tells the reader that the archive is over. An archive without the two blocks of zeros at its end is whole
   * if it ends with an entry (some writers leave them out); else this throws ARCHIVE_TRUNCATED.
   */
  finish(): void {
    if (this.#state === END || this.#state === SECOND_ZERO) return;
    if (this.#blocks === 0 && this.#fill === 0) throw archiveError('ARCHIVE_NOT_TAR', 'The archive is empty');
    if (this.#blocks === 0)
      throw archiveError('ARCHIVE_NOT_TAR', 'This is no tar archive: it is too short for one');
    const { pax, longName, longLink } = this.#prelude;
    const within = pax !== undefined || longName !== undefined || longLink !== undefined;
    if (this.#state === HEADER && this.#fill === 0 && !within) return;
    const place = this.#path === undefined ? '' : ` after the beginning of ${nameText(this.#path)}`;
    throw archiveError('ARCHIVE_TRUNCATED', `The archive is cut short${place}`);
  }

  #take(bytes: Uint8Array, at: number): number {
    if (this.#state < EXTENDED) return this.#gather(bytes, at);
    const length = Math.min(this.#left, bytes.length - at);
    this.#left -= length;
    if (this.#state === CONTENT) {
      const whole = at === 0 && length === bytes.length;
      this.#sparse.data(whole ? bytes : bytes.subarray(at, at + length));
      if (this.#left === 0) this.#endContent();
    } else if (this.#state === EXTENDED) {
      this.#extended.set(bytes.subarray(at, at + length), this.#extended.length - this.#left - length);
      if (this.#left === 0) this.#endExtended();
    } else if (this.#left === 0) this.#state = HEADER;
    return length;
  }

  #gather(bytes: Uint8Array, at: number): number {
    const length = Math.min(BLOCK - this.#fill, bytes.length - at);
    this.#block.bytes.set(bytes.subarray(at, at + length), this.#fill);
    this.#fill += length;
    if (this.#fill < BLOCK) return length;
    this.#fill = 0;
    if (this.#state === HEADER) this.#header();
    else if (this.#state === SECOND_ZERO) this.#secondZero();
    else this.#sparseBlock();
    this.#blocks++;
    return length;
  }

  #header(): void {
    const block = this.#block;
    if (block.isZero()) {
      this.#state = SECOND_ZERO;
      return;
    }
    if (!block.checksumHolds()) this.#badHeader();
    const flag = block.byte(156);
    if (flag === PAX_LOCAL || flag === PAX_GLOBAL || flag === LONG_NAME || flag === LONG_LINK) {
      this.#beginExtended(flag);
      return;
    }
    if (flag === VOLUME_LABEL) {
      this.#forgetPrelude();
      return;
    }
    this.#entry(flag);
  }

  #badHeader(): never {
    if (this.#blocks === 0) {
      throw archiveError('ARCHIVE_NOT_TAR', 'This is no tar archive: its first block is no header of one');
    }
    const place = this.#path === undefined ? '' : ` after ${nameText(this.#path)}`;
    throw archiveError('ARCHIVE_CORRUPT', `A header${place} has a wrong checksum`);
  }

  #secondZero(): void {
    if (!this.#block.isZero()) {
      throw archiveError('ARCHIVE_CORRUPT', 'A single block of zeros has entries behind it');
    }
    this.#state = END;
  }

  #beginExtended(flag: number): void {
    const size = this.#block.number({ title: 'size', offset: 124, length: 12 });
    if (size < 0 || size > this.#maxHeader) {
      const place = this.#path === undefined ? '' : ` after ${nameText(this.#path)}`;
      throw archiveError(
        'ARCHIVE_LIMIT',
        `An extended header${place} has more than ${this.#maxHeader} bytes`,
      );
    }
    this.#extended = new Uint8Array(size);
    this.#extendedType = flag;
    this.#left = size;
    this.#padding = padding(size);
    this.#state = EXTENDED;
    if (size === 0) this.#endExtended();
  }

  #endExtended(): void {
    const bytes = this.#extended;
    this.#extended = new Uint8Array(0);
    const prelude = this.#prelude;
    if (this.#extendedType === LONG_NAME) prelude.longName = upToNul(bytes);
    else if (this.#extendedType === LONG_LINK) prelude.longLink = upToNul(bytes);
    else if (this.#extendedType === PAX_LOCAL) prelude.pax = parsePax(bytes);
    else prelude.global = mergeGlobal(prelude.global, parsePax(bytes));
    this.#skip();
  }

  #entry(flag: number): void {
    const type = entryType(flag);
    if (type === undefined) {
      const name = nameText(this.#prelude.longName ?? this.#block.text(0, 100));
      const shown = JSON.stringify(String.fromCharCode(flag));
      throw archiveError(
        'ARCHIVE_UNSUPPORTED',
        `Entry ${name} has the type ${shown}, which no file system has`,
      );
    }
    const pax = effectivePax(this.#prelude);
    const raw = readEntry(this.#block, this.#prelude, type);
    this.#forgetPrelude();
    this.#path = raw.entry.path;
    this.#left = raw.stored;
    this.#padding = padding(raw.stored);
    const next = this.#sparse.begin(raw, {
      pax,
      block: flag === OLD_SPARSE ? this.#block : undefined,
      major: number(pax, 'GNU.sparse.major'),
    });
    if (next === 'lines') this.#state = SPARSE_LINES;
    else if (next === 'extension') this.#state = SPARSE_EXTENSION;
    else this.#beginContent();
  }

  #sparseBlock(): void {
    const lines = this.#state === SPARSE_LINES;
    if (lines) {
      if (this.#left < BLOCK)
        throw archiveError('ARCHIVE_CORRUPT', `The sparse map of ${this.#name()} is cut short`);
      this.#left -= BLOCK;
    }
    const done = lines ? this.#sparse.line(this.#block, this.#left) : this.#sparse.extension(this.#block);
    if (done) this.#beginContent();
  }

  #beginContent(): void {
    this.#state = CONTENT;
    if (this.#left === 0) this.#endContent();
  }

  #endContent(): void {
    this.#sparse.end();
    this.#skip();
  }

  #skip(): void {
    this.#left = this.#padding;
    this.#state = this.#left === 0 ? HEADER : SKIP;
  }

  #forgetPrelude(): void {
    this.#prelude.pax = undefined;
    this.#prelude.longName = undefined;
    this.#prelude.longLink = undefined;
  }

  #name(): string {
    return nameText(this.#path ?? new Uint8Array(0));
  }
}

function upToNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}
