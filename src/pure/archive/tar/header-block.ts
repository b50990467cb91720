import { archiveError } from '../errors.ts';

export const BLOCK = 512;

/** A numeric field of a header: POSIX.1-2024 pax, "ustar Interchange Format". */
export interface Field {
  readonly title: string;
  readonly offset: number;
  readonly length: number;
}

export const MODE: Field = { title: 'mode', offset: 100, length: 8 };
export const UID: Field = { title: 'uid', offset: 108, length: 8 };
export const GID: Field = { title: 'gid', offset: 116, length: 8 };
export const SIZE: Field = { title: 'size', offset: 124, length: 12 };
export const MTIME: Field = { title: 'mtime', offset: 136, length: 12 };
export const DEVMAJOR: Field = { title: 'devmajor', offset: 329, length: 8 };
export const DEVMINOR: Field = { title: 'devminor', offset: 337, length: 8 };
const CHECKSUM: Field = { title: 'checksum', offset: 148, length: 8 };

const NONE = new Uint8Array(0);
const SPACE = 0x20;
const EVEN_BYTES = 0x00ff00ff;

/** One block of 512 bytes with a reader's eye on its fields. */
export class HeaderBlock {
  readonly bytes = new Uint8Array(BLOCK);
  readonly #words = new Uint32Array(this.bytes.buffer);

  isZero(): boolean {
    return this.#words.every((word) => word === 0);
  }

  /** Whether the checksum is that of the bytes, taken as unsigned (POSIX) or signed (some old writers) ones. */
  checksumHolds(): boolean {
    let stored: number;
    try {
      stored = this.number(CHECKSUM);
    } catch {
      return false;
    }
    let own = 0;
    for (let i = CHECKSUM.offset; i < CHECKSUM.offset + CHECKSUM.length; i++) own += this.byte(i);
    const unsigned = this.#sum() - own + CHECKSUM.length * SPACE;
    return stored === unsigned || stored === unsigned - 256 * this.#highBytes();
  }

  byte(offset: number): number {
    return this.bytes[offset] ?? 0;
  }

  /** The bytes of a text field up to its first NUL. */
  text(offset: number, length: number): Uint8Array {
    const last = offset + length;
    let end = offset;
    while (end < last && this.byte(end) !== 0) end++;
    return end === offset ? NONE : this.bytes.slice(offset, end);
  }

  /** An octal number, or a base-256 one of GNU tar; 0 if the field is blank. */
  number(field: Field): number {
    return this.byte(field.offset) & 0x80 ? this.#base256(field) : this.#octal(field);
  }

  #octal({ title, offset, length }: Field): number {
    const end = offset + length;
    let at = offset;
    while (at < end && isBlank(this.byte(at))) at++;
    let value = 0;
    for (; at < end && !isBlank(this.byte(at)); at++) {
      const digit = this.byte(at) - 0x30;
      if (digit < 0 || digit > 7)
        throw archiveError('ARCHIVE_CORRUPT', `The ${title} in a tar header is no number`);
      value = value * 8 + digit;
    }
    return value;
  }

  #base256({ title, offset, length }: Field): number {
    // Two's complement, big-endian; the top bit only says that the field is binary.
    const first = this.byte(offset);
    let value = (first & 0x40) === 0 ? first & 0x3f : (first & 0x7f) - 0x80;
    for (let i = offset + 1; i < offset + length; i++) value = value * 256 + this.byte(i);
    if (!Number.isSafeInteger(value)) {
      throw archiveError('ARCHIVE_CORRUPT', `The ${title} in a tar header is beyond 2^53`);
    }
    return value;
  }

  #sum(): number {
    // Two bytes at a time: both halves stay below 2^16.
    let halves = 0;
    const words = this.#words;
    // An index and not for-of, which is slower by far: a million headers come here.
    for (let i = 0; i < BLOCK / 4; i++) {
      const word = words[i] ?? 0;
      halves += (word & EVEN_BYTES) + ((word >>> 8) & EVEN_BYTES);
    }
    return (halves & 0xffff) + Math.floor(halves / 65_536);
  }

  #highBytes(): number {
    let count = 0;
    for (let i = 0; i < BLOCK; i++) {
      const own = i >= CHECKSUM.offset && i < CHECKSUM.offset + CHECKSUM.length;
      if (!own && this.byte(i) > 127) count++;
    }
    return count;
  }
}

/** How many bytes fill the last block of that much content. */
export function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function isBlank(byte: number): boolean {
  return byte === 0 || byte === SPACE;
}
