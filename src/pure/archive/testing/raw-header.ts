import { latin1ToBytes } from '../../base/bytes.ts';
import { concat } from './archive-of.ts';

/** Fields of a header by their place, as texts of Latin-1 characters. */
export interface RawHeader {
  readonly name: string;
  readonly flag?: string;
  /** The size field, 12 characters; a number is written in octal. */
  readonly size?: number | string;
  readonly content?: string;
  /** Other bytes, by offset. */
  readonly at?: Readonly<Record<number, string>>;
  /** Sums the bytes as signed ones, as some old writers did. */
  readonly signed?: boolean;
}

/** One header with its content and padding, made by hand, with a right checksum. */
export function raw(header: RawHeader): Uint8Array {
  const { name, flag = '0', content = '', size = content.length } = header;
  const block = new Uint8Array(512);
  const put = (offset: number, text: string): void => block.set(latin1ToBytes(text), offset);
  put(0, name);
  put(100, '0000644\x000000000\x000000000\0');
  put(124, typeof size === 'number' ? `${size.toString(8).padStart(11, '0')}\0` : size);
  put(136, '00000000000\0');
  put(148, `        ${flag}`);
  put(257, 'ustar\x0000');
  for (const [offset, text] of Object.entries(header.at ?? {})) put(Number(offset), text);
  let sum = 0;
  for (const byte of block) sum += header.signed === true ? (byte << 24) >> 24 : byte;
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  const padded = new Uint8Array(Math.ceil(content.length / 512) * 512);
  padded.set(latin1ToBytes(content));
  return concat([block, padded]);
}

/** A PAX header of these records; `flag` g makes it a global one. */
export function pax(records: readonly (readonly [string, string])[], flag = 'x'): Uint8Array {
  const lines = records.map(([key, value]) => {
    const rest = key.length + value.length + 3;
    let length = rest + 1;
    while (length !== rest + `${length}`.length) length++;
    return `${length} ${key}=${value}\n`;
  });
  return raw({ name: 'pax', flag, content: lines.join('') });
}

export const END = new Uint8Array(1024);

/** The numeric field of GNU tar's base-256 form. */
export function base256(value: bigint, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text = String.fromCharCode(Number((value >> BigInt(8 * i)) & 255n)) + text;
  return String.fromCharCode(text.charCodeAt(0) | 0x80) + text.slice(1);
}
