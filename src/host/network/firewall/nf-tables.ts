import { Batch, be32, NLM_F, padded, type MessageStart } from '../netlink/message.ts';

/** include/uapi/linux/netfilter/nfnetlink.h */
const SUBSYSTEM = 10;
const BATCH_BEGIN = 0x10;
const BATCH_END = 0x11;
/** include/uapi/linux/netfilter.h */
export const NFPROTO = { INET: 1, IPV4: 2, IPV6: 10 } as const;
export const HOOK = { PREROUTING: 0, INPUT: 1, FORWARD: 2, OUTPUT: 3, POSTROUTING: 4 } as const;
/** include/uapi/linux/netfilter/nf_tables.h */
export const NFT = {
  NEWTABLE: 0,
  DELTABLE: 2,
  NEWCHAIN: 3,
  DELCHAIN: 5,
  NEWRULE: 6,
  GETRULE: 7,
  DELRULE: 8,
  NEWSET: 9,
  DELSET: 11,
  NEWSETELEM: 12,
  DELSETELEM: 14,
} as const;
const SET = { INTERVAL: 4, MAP: 8 } as const;
const ELEMENT_INTERVAL_END = 1;
const LIST_ELEMENT = 1;
export const DATA_VALUE = 1;

/** For nft alone, which prints a name backwards without it: NFTNL_UDATA_SET_KEYBYTEORDER, 4 bytes, the machine's. */
const HOST_ORDER = new Uint8Array([0, 4, 1, 0, 0, 0]);

/** A list or map of the table: the bytes of a key, and those that it leads to. */
export interface NftSet {
  readonly name: string;
  /** nft's numbers of the types (its include/datatype.h), by which it prints keys; the kernel keeps them alone. */
  readonly keyType: number;
  readonly keySize: number;
  readonly data?: { readonly type: number; readonly size: number };
  /** Whether elements are ranges. */
  readonly isInterval?: boolean;
}

export interface NftElement {
  readonly set: string;
  readonly key: Uint8Array;
  readonly data?: Uint8Array;
  /** Of a range, the first key behind it. */
  readonly end?: Uint8Array;
}

export interface NftChain {
  readonly name: string;
  /** undefined for one that others jump to. */
  readonly hook?: { readonly type: 'filter' | 'nat'; readonly number: number; readonly priority: number };
}

/** Writes what is to happen to one table, all of it or nothing: nf_tables' transactions. */
export class Transaction {
  readonly batch = new Batch();
  readonly #table: string;
  #setId = 0;

  constructor(table: string) {
    this.#table = table;
    this.batch.add({
      type: BATCH_BEGIN,
      flags: 0,
      header: header(0, SUBSYSTEM),
      what: 'Change the firewall',
    });
  }

  end(): Batch {
    return this.batch.add({
      type: BATCH_END,
      flags: 0,
      header: header(0, SUBSYSTEM),
      what: 'Change the firewall',
    });
  }

  addTable(): void {
    this.#add(messageOf(NFT.NEWTABLE, NLM_F.CREATE, 'Make the firewall table'), () =>
      this.batch.text(1, this.#table),
    );
  }

  deleteTable(): void {
    this.#add(messageOf(NFT.DELTABLE, 0, 'Remove the firewall table'), () => this.batch.text(1, this.#table));
  }

  addSet({ name, keyType, keySize, data, isInterval = false }: NftSet): void {
    const { batch } = this;
    this.#setId += 1;
    const id = this.#setId;
    const flags = (isInterval ? SET.INTERVAL : 0) | (data === undefined ? 0 : SET.MAP);
    this.#add(messageOf(NFT.NEWSET, NLM_F.CREATE, `Make the firewall's list ${name}`), () => {
      batch.text(1, this.#table).text(2, name).be32(3, flags).be32(4, keyType).be32(5, keySize);
      if (data !== undefined) batch.be32(6, data.type).be32(7, data.size);
      batch.be32(10, id).raw(13, HOST_ORDER);
    });
  }

  addChain({ name, hook }: NftChain): void {
    const { batch } = this;
    this.#add(messageOf(NFT.NEWCHAIN, NLM_F.CREATE, `Make the firewall chain ${name}`), () => {
      batch.text(1, this.#table).text(3, name);
      if (hook === undefined) return;
      batch.nested(4, () => batch.be32(1, hook.number).be32(2, hook.priority));
      batch.text(7, hook.type);
    });
  }

  /** A rule at the chain's end; each expression writes itself. */
  addRule(chain: string, expressions: readonly Expression[]): void {
    const { batch } = this;
    this.#add(
      messageOf(NFT.NEWRULE, NLM_F.CREATE | NLM_F.APPEND, `Add a rule to the firewall chain ${chain}`),
      () => {
        batch
          .text(1, this.#table)
          .text(2, chain)
          .nested(4, () => {
            for (const { name, write } of expressions) {
              batch.nested(LIST_ELEMENT, () => batch.text(1, name).nested(2, () => write(batch)));
            }
          });
      },
    );
  }

  addElement(element: NftElement): void {
    this.#element(NFT.NEWSETELEM, NLM_F.CREATE, element);
  }

  deleteElement(element: NftElement): void {
    this.#element(NFT.DELSETELEM, 0, element);
  }

  #element(type: number, flags: number, { set, key, data, end }: NftElement): void {
    const { batch } = this;
    this.#add(messageOf(type, flags, `Change the firewall's list ${set}`), () => {
      batch
        .text(1, this.#table)
        .text(2, set)
        .nested(3, () => {
          batch.nested(LIST_ELEMENT, () => {
            batch.nested(1, () => batch.raw(DATA_VALUE, key));
            if (data !== undefined) batch.nested(2, () => batch.raw(DATA_VALUE, data));
          });
          if (end === undefined) return;
          batch.nested(LIST_ELEMENT, () =>
            batch.nested(1, () => batch.raw(DATA_VALUE, end)).be32(3, ELEMENT_INTERVAL_END),
          );
        });
    });
  }

  #add(start: MessageStart, body: () => void): void {
    this.batch.add(start, body);
  }
}

/** One part of a rule: its name, and how its own attributes are written. */
export interface Expression {
  readonly name: string;
  readonly write: (batch: Batch) => void;
}

/** A message about a table of the family `inet`, which sees IPv4 and IPv6. */
export function messageOf(type: number, flags: number, what: string): MessageStart {
  return { type: (SUBSYSTEM << 8) | type, flags, header: header(NFPROTO.INET, 0), what };
}

/** struct nfgenmsg */
function header(family: number, resource: number): Uint8Array {
  return new Uint8Array([family, 0, resource >> 8, resource & 255]);
}

/** Parts of a key, each in fields of four bytes as the kernel's registers have them. */
export function concatenated(...parts: readonly Uint8Array[]): Uint8Array {
  const sizes = parts.map(({ length }) => (length + 3) & ~3);
  const key = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  for (const [index, part] of parts.entries()) {
    key.set(part, at);
    at += sizes[index] ?? 0;
  }
  return key;
}

export function be16(value: number): Uint8Array {
  return new Uint8Array([value >> 8, value & 255]);
}

const IFNAMSIZ = 16;

/** An interface's name as a key. */
export function interfaceKey(name: string): Uint8Array {
  return padded(name, IFNAMSIZ);
}

export function little32(value: number): Uint8Array {
  return be32(value).reverse();
}
