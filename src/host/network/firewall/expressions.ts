import type { Batch } from '../netlink/message.ts';
import { DATA_VALUE, little32, NFPROTO, type Expression } from './nf-tables.ts';

/**
 * Registers of 4 bytes, by their number in the kernel (NFT_REG32_00 is 8). What is longer fills those that follow, and
 * parts that lie one after another make one key.
 */
export const REGISTER = 8;
const VERDICT_REGISTER = 0;

/** include/uapi/linux/netfilter/nf_tables.h */
export const META = { IIFNAME: 6, OIFNAME: 7, NFPROTO: 15, L4PROTO: 16 } as const;
export const CT = { STATE: 0, STATUS: 2 } as const;
/** The kernel's bits of `ct state established,related` and of `ct status dnat`. */
export const CT_STATE_KNOWN = 2 | 4;
export const CT_STATUS_DNAT = 0x20;
const COMPARE = { EQ: 0, NEQ: 1 } as const;
const LOOKUP_INVERSE = 1;
const PAYLOAD = { NETWORK: 1, TRANSPORT: 2 } as const;
const FIB = { DADDR: 2, ADDRESS_TYPE: 3 } as const;
const RTN_LOCAL = 2;
const NAT_DNAT = 1;
export const VERDICT = { DROP: 0, ACCEPT: 1, JUMP: -3, RETURN: -5 } as const;

/** Where addresses lie in the header of each family. */
const PLACE = {
  4: { size: 4, source: 12, destination: 16, protocol: NFPROTO.IPV4 },
  6: { size: 16, source: 8, destination: 24, protocol: NFPROTO.IPV6 },
} as const;

export type Family = 4 | 6;

export function meta(key: number, register = REGISTER): Expression {
  return { name: 'meta', write: (batch) => void batch.be32(2, key).be32(1, register) };
}

export function conntrack(key: number): Expression {
  return { name: 'ct', write: (batch) => void batch.be32(2, key).be32(1, REGISTER) };
}

export function isEqual(value: Uint8Array): Expression {
  return compare(COMPARE.EQ, value);
}

export function isOther(value: Uint8Array): Expression {
  return compare(COMPARE.NEQ, value);
}

function compare(operation: number, value: Uint8Array): Expression {
  const write = (batch: Batch): void => {
    batch
      .be32(1, REGISTER)
      .be32(2, operation)
      .nested(3, () => batch.raw(DATA_VALUE, value));
  };
  return { name: 'cmp', write };
}

/** Goes on where any of the bits is set in the register. */
export function hasAnyBit(bits: number): readonly Expression[] {
  return [masked(little32(bits)), isOther(new Uint8Array(4))];
}

function masked(mask: Uint8Array): Expression {
  const write = (batch: Batch): void => {
    batch.be32(1, REGISTER).be32(2, REGISTER).be32(3, mask.length);
    batch.nested(4, () => batch.raw(DATA_VALUE, mask));
    batch.nested(5, () => batch.raw(DATA_VALUE, new Uint8Array(mask.length)));
  };
  return { name: 'bitwise', write };
}

/** Goes on where the key is in the set. */
export function isIn(set: string): Expression {
  return { name: 'lookup', write: (batch) => void batch.text(1, set).be32(2, REGISTER) };
}

export function isNotIn(set: string): Expression {
  return {
    name: 'lookup',
    write: (batch) => void batch.text(1, set).be32(2, REGISTER).be32(5, LOOKUP_INVERSE),
  };
}

/** Goes on where the map has the key, with what it leads to in the registers. */
export function mapped(set: string): Expression {
  return { name: 'lookup', write: (batch) => void batch.text(1, set).be32(2, REGISTER).be32(3, REGISTER) };
}

export function sourceAddress(family: Family): Expression {
  const { size, source } = PLACE[family];
  return payload({ base: PAYLOAD.NETWORK, offset: source, size, register: REGISTER });
}

/** The address, or its first `size` bytes. */
export function destinationAddress(family: Family, size: number = PLACE[family].size): Expression {
  return payload({ base: PAYLOAD.NETWORK, offset: PLACE[family].destination, size, register: REGISTER });
}

/** How many registers an address takes. */
export function addressRegisters(family: Family): number {
  return PLACE[family].size / 4;
}

/** Of TCP, UDP and SCTP alike. */
export function destinationPort(register: number): Expression {
  return payload({ base: PAYLOAD.TRANSPORT, offset: 2, size: 2, register });
}

interface PayloadPlace {
  readonly base: number;
  readonly offset: number;
  readonly size: number;
  readonly register: number;
}

function payload({ base, offset, size, register }: PayloadPlace): Expression {
  return {
    name: 'payload',
    write: (batch) => void batch.be32(1, register).be32(2, base).be32(3, offset).be32(4, size),
  };
}

/** Goes on for packets of the family: what follows may read their header. */
export function isFamily(family: Family): readonly Expression[] {
  return [meta(META.NFPROTO), isEqual(new Uint8Array([PLACE[family].protocol]))];
}

/** Goes on where the destination is one of the host's own addresses. */
export function isForHost(): readonly Expression[] {
  const write = (batch: Batch): void => {
    batch.be32(1, REGISTER).be32(2, FIB.ADDRESS_TYPE).be32(3, FIB.DADDR);
  };
  return [{ name: 'fib', write }, isEqual(little32(RTN_LOCAL))];
}

/** Sends the connection to the address and port that lie in the registers one after another. */
export function redirect(family: Family): Expression {
  const { size, protocol } = PLACE[family];
  const write = (batch: Batch): void => {
    batch
      .be32(1, NAT_DNAT)
      .be32(2, protocol)
      .be32(3, REGISTER)
      .be32(5, REGISTER + size / 4);
  };
  return { name: 'nat', write };
}

export function masquerade(): Expression {
  return { name: 'masq', write: () => undefined };
}

export function verdict(code: number, chain?: string): Expression {
  const write = (batch: Batch): void => {
    batch.be32(1, VERDICT_REGISTER).nested(2, () =>
      batch.nested(2, () => {
        batch.be32(1, code);
        if (chain !== undefined) batch.text(2, chain);
      }),
    );
  };
  return { name: 'immediate', write };
}
