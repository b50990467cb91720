import { encode } from '../../kernel/files.ts';

/** include/uapi/linux/netlink.h */
export const NLM_F = {
  REQUEST: 1,
  MULTI: 2,
  ACK: 4,
  /** NLM_F_ROOT and NLM_F_MATCH: all that there is. */
  DUMP: 0x300,
  REPLACE: 0x100,
  EXCL: 0x200,
  CREATE: 0x400,
  APPEND: 0x800,
} as const;
export const NLMSG = { ERROR: 2, DONE: 3 } as const;
const NLA_F_NESTED = 0x8000;
const NLA_TYPE_MASK = 0x3fff;
/** struct nlmsghdr and struct nlattr */
const HEADER = 16;
const ATTRIBUTE = 4;

/** How a message begins. */
export interface MessageStart {
  readonly type: number;
  /** NLM_F_ flags besides NLM_F_REQUEST. */
  readonly flags: number;
  /** The structure that the family of messages has before its attributes. */
  readonly header: Uint8Array;
  /** For a failure's sentence: what it does. */
  readonly what: string;
}

/** Messages for one send(2), written one after another: netlink(7). */
export class Batch {
  #buffer = new Uint8Array(4096);
  #view = new DataView(this.#buffer.buffer);
  #length = 0;
  #sequence = 0;
  readonly #whats: string[] = [];

  /** Numbers begin with 1. */
  get count(): number {
    return this.#sequence;
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  whatOf(sequence: number): string {
    return this.#whats[sequence - 1] ?? '';
  }

  /** Writes a message with the attributes that `body` writes. */
  add({ type, flags, header, what }: MessageStart, body: () => void = () => undefined): this {
    const start = this.#length;
    this.#reserve(HEADER);
    this.#whats.push(what);
    this.#sequence += 1;
    this.#view.setUint16(start + 4, type, true);
    this.#view.setUint16(start + 6, flags | NLM_F.REQUEST, true);
    this.#view.setUint32(start + 8, this.#sequence, true);
    this.#put(header);
    body();
    this.#view.setUint32(start, this.#length - start, true);
    return this;
  }

  /** A structure inside an attribute, before the attributes in it. */
  header(value: Uint8Array): this {
    this.#put(value);
    return this;
  }

  raw(type: number, value: Uint8Array): this {
    const start = this.#length;
    this.#reserve(ATTRIBUTE);
    this.#put(value);
    this.#view.setUint16(start, ATTRIBUTE + value.length, true);
    this.#view.setUint16(start + 2, type, true);
    return this;
  }

  nested(type: number, body: () => void): this {
    const start = this.#length;
    this.#reserve(ATTRIBUTE);
    body();
    this.#view.setUint16(start, this.#length - start, true);
    this.#view.setUint16(start + 2, type | NLA_F_NESTED, true);
    return this;
  }

  text(type: number, value: string): this {
    return this.raw(type, bytes(value));
  }

  u8(type: number, value: number): this {
    return this.raw(type, new Uint8Array([value]));
  }

  u32(type: number, value: number): this {
    return this.raw(type, new Uint8Array([value, value >> 8, value >> 16, value >>> 24]));
  }

  /** In network byte order, as netfilter wants its numbers. */
  be32(type: number, value: number): this {
    return this.raw(type, be32(value));
  }

  #put(value: Uint8Array): void {
    const start = this.#length;
    this.#reserve((value.length + 3) & ~3);
    this.#buffer.set(value, start);
  }

  /** Zeroed room at the end. */
  #reserve(size: number): void {
    const length = this.#length + size;
    if (length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(length, this.#buffer.length * 4));
      larger.set(this.#buffer);
      this.#buffer = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#length = length;
  }
}

export function be32(value: number): Uint8Array {
  return new Uint8Array([value >>> 24, value >> 16, value >> 8, value]);
}

/** A text without the NUL at its end, in a field of `size` bytes. */
export function padded(text: string, size: number): Uint8Array {
  const field = new Uint8Array(size);
  field.set(encode(text).subarray(0, size));
  return field;
}

/** One message of the kernel's. */
export interface Reply {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/** The messages in what one recv(2) gave; what is cut short is left out. */
export function repliesIn(received: Uint8Array): readonly Reply[] {
  const view = new DataView(received.buffer, received.byteOffset, received.length);
  const replies: Reply[] = [];
  for (let at = 0; at + HEADER <= received.length;) {
    const length = view.getUint32(at, true);
    if (length < HEADER || at + length > received.length) break;
    replies.push({
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      payload: received.subarray(at + HEADER, at + length),
    });
    at += (length + 3) & ~3;
  }
  return replies;
}

/** Attributes by their type; of one that comes more than once the last. */
export function attributesIn(payload: Uint8Array, from: number): ReadonlyMap<number, Uint8Array> {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const attributes = new Map<number, Uint8Array>();
  for (let at = from; at + ATTRIBUTE <= payload.length;) {
    const length = view.getUint16(at, true);
    if (length < ATTRIBUTE || at + length > payload.length) break;
    attributes.set(
      view.getUint16(at + 2, true) & NLA_TYPE_MASK,
      payload.subarray(at + ATTRIBUTE, at + length),
    );
    at += (length + 3) & ~3;
  }
  return attributes;
}

/** A number in the machine's byte order, which is little-endian on all that this is built for. */
export function numberIn(attribute: Uint8Array | undefined): number {
  return (attribute ?? new Uint8Array()).reduceRight((sum, byte) => sum * 256 + byte, 0);
}

export function textIn(attribute: Uint8Array | undefined): string {
  if (attribute === undefined) return '';
  const end = indexOf(attribute, 0);
  return utf8(attribute, 0, end < 0 ? attribute.length : end);
}
