/** An IPv4 or IPv6 address as a number. Plain data. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** A network: its lowest address, and how many leading bits all of its addresses share. */
export interface Subnet {
  readonly base: IpAddress;
  readonly prefix: number;
}

const BITS = { 4: 32, 6: 128 } as const;

/** An address as text (RFC 4291, section 2.2, for IPv6); undefined for any other text, and for one with a zone. */
export function parseAddress(text: string): IpAddress | undefined {
  return text.includes(':') ? parseV6(text) : parseV4(text);
}

function parseV4(text: string): IpAddress | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const parts = match.slice(1).map(Number);
  // A leading zero means octal to some and nothing to others.
  if (parts.some((part, index) => part > 255 || String(part) !== match[index + 1])) return undefined;
  return { family: 4, value: parts.reduce((value, part) => value * 256n + BigInt(part), 0n) };
}

function parseV6(text: string): IpAddress | undefined {
  const [head = '', tail, ...more] = text.split('::');
  if (more.length > 0) return undefined;
  const before = groupsOf(head, tail === undefined);
  const after = tail === undefined ? [] : groupsOf(tail, true);
  if (before === undefined || after === undefined) return undefined;
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...new Array<number>(missing).fill(0), ...after];
  return { family: 6, value: groups.reduce((value, group) => value * 0x10000n + BigInt(group), 0n) };
}

/** Groups of 16 bits; the last two may be written as an IPv4 address where the text `isLast`. */
function groupsOf(text: string, isLast: boolean): readonly number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (isLast && index === parts.length - 1 && part.includes('.')) {
      const inner = parseV4(part);
      if (inner === undefined) return undefined;
      groups.push(Number(inner.value >> 16n), Number(inner.value & 0xffffn));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/** The shortest text; IPv6 as RFC 5952 has it. */
export function formatAddress({ family, value }: IpAddress): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number((value >> BigInt(112 - index * 16)) & 0xffffn),
  );
  const { start, length } = longestZeros(groups);
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (length < 2) return hex(groups);
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

function longestZeros(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: index - length + 1, length };
  }
  return best;
}

/** In network byte order: 4 or 16 bytes. */
export function addressBytes({ family, value }: IpAddress): Uint8Array {
  const size = BITS[family] / 8;
  return Uint8Array.from({ length: size }, (_, index) =>
    Number((value >> BigInt((size - 1 - index) * 8)) & 255n),
  );
}

export function addressOf(bytes: Uint8Array): IpAddress {
  const value = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return { family: bytes.length === 4 ? 4 : 6, value };
}

/** `ADDRESS/PREFIX`, whichever of the network's addresses that is; undefined for any other text. */
export function parseSubnet(text: string): Subnet | undefined {
  const [head = '', tail = '', ...more] = text.split('/');
  const address = parseAddress(head);
  if (address === undefined || more.length > 0 || !/^\d{1,3}$/.test(tail)) return undefined;
  return Number(tail) > BITS[address.family] ? undefined : subnetOf(address, Number(tail));
}

/** The network of this size that an address lies in. */
export function subnetOf({ family, value }: IpAddress, prefix: number): Subnet {
  const below = BigInt(BITS[family] - prefix);
  return { base: { family, value: (value >> below) << below }, prefix };
}

export function formatSubnet({ base, prefix }: Subnet): string {
  return `${formatAddress(base)}/${prefix}`;
}

/** The highest address. */
export function lastOf({ base, prefix }: Subnet): IpAddress {
  return { family: base.family, value: base.value + (1n << BigInt(BITS[base.family] - prefix)) - 1n };
}

export function plus({ family, value }: IpAddress, count: number | bigint): IpAddress {
  return { family, value: value + BigInt(count) };
}

export function contains(subnet: Subnet, { family, value }: IpAddress): boolean {
  return family === subnet.base.family && value >= subnet.base.value && value <= lastOf(subnet).value;
}

export function overlaps(one: Subnet, other: Subnet): boolean {
  return contains(one, other.base) || contains(other, one.base);
}
