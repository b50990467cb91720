import { addressBytes, lastOf, parseAddress, parseSubnet, plus } from '../../../pure/base/ip-address.ts';
import { NETLINK } from '../../kernel/constants.ts';
import { attributesIn, textIn } from '../netlink/message.ts';
import { NetlinkSocket } from '../netlink/socket.ts';
import { isSysError, SysError } from '../../kernel/call.ts';
import {
  be16,
  concatenated,
  interfaceKey,
  messageOf,
  NFT,
  Transaction,
  type NftElement,
} from './nf-tables.ts';
import { RULE_COUNT, SETS, writeRuleset } from './ruleset.ts';

/** What the table has to know of a network. */
export interface FirewallNetwork {
  readonly bridge: string;
  readonly isInternal: boolean;
  /** Subnets whose addresses are hidden behind the host's. */
  readonly subnets: readonly string[];
}

/** A port of the host and where it leads; an address of undefined is all of one family. */
export interface FirewallPort {
  readonly family: 4 | 6;
  readonly hostAddress: string | undefined;
  readonly hostPort: number;
  readonly protocol: Protocol;
  readonly address: string;
  readonly port: number;
}

export type Protocol = 'tcp' | 'udp' | 'sctp';

/** struct nfgenmsg */
const NFGENMSG = 4;
/** include/uapi/linux/in.h */
const PROTOCOL_NUMBERS: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17, sctp: 132 };

/** The one table of all networks below a root directory. */
export class Firewall {
  readonly #socket = new NetlinkSocket(NETLINK.NETFILTER);
  readonly #table: string;

  constructor(table: string) {
    this.#table = table;
  }

  /** Whether the table has all of its rules, and so the chains and lists that they name. */
  isWhole(): boolean {
    const start = messageOf(NFT.GETRULE, 0, 'List the rules of the firewall');
    const own = this.#socket
      .dump(start)
      .filter(({ payload }) => textIn(attributesIn(payload, NFGENMSG).get(1)) === this.#table);
    return own.length === RULE_COUNT;
  }

  /** Adds to a table that is made where there is none; what is there already stays. */
  add(elements: readonly NftElement[]): void {
    try {
      this.#change((transaction) => {
        for (const element of elements) transaction.addElement(element);
      });
    } catch (error) {
      if (!isSysError(error, 'ENOENT')) throw error;
      this.#change((transaction) => {
        writeRuleset(transaction);
        for (const element of elements) transaction.addElement(element);
      });
    }
  }

  /** Adds `unique` elements, in the place of others with the same key, and `more`. */
  replace(unique: readonly NftElement[], more: readonly NftElement[]): void {
    try {
      this.add([...more, ...unique]);
    } catch (error) {
      if (!isSysError(error, 'EEXIST')) throw error;
      this.remove(unique.map(({ set, key }) => ({ set, key })));
      this.add([...more, ...unique]);
    }
  }

  /** Takes elements out, each by itself: one that is gone keeps none of the others. */
  remove(elements: readonly NftElement[]): void {
    for (const element of elements) {
      try {
        this.#change((transaction) => transaction.deleteElement(element));
      } catch (error) {
        if (!isSysError(error, 'ENOENT')) throw error;
      }
    }
  }

  removeTable(): void {
    try {
      this.#change((transaction) => transaction.deleteTable());
    } catch (error) {
      if (!isSysError(error, 'ENOENT')) throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  #change(write: (transaction: Transaction) => void): void {
    const transaction = new Transaction(this.#table);
    write(transaction);
    const batch = transaction.end();
    const [first] = this.#socket.try(batch);
    if (first === undefined) return;
    const [sequence, errno] = first;
    throw new SysError('sendto', errno, batch.whatOf(sequence));
  }
}

export function networkElements({ bridge, isInternal, subnets }: FirewallNetwork): readonly NftElement[] {
  const key = interfaceKey(bridge);
  return [
    { set: SETS.bridges, key },
    { set: SETS.same, key: concatenated(key, key) },
    ...(isInternal ? [{ set: SETS.internal, key }] : subnets.map(natElement)),
  ];
}

function natElement(text: string): NftElement {
  const subnet = parseSubnet(text);
  if (subnet === undefined) throw new RangeError(`no subnet: ${text}`);
  return {
    set: SETS.nat[subnet.base.family],
    key: addressBytes(subnet.base),
    end: addressBytes(plus(lastOf(subnet), 1)),
  };
}

/** An interface between which and others of its kind the host forwards nothing. */
export function guardedElement(name: string): NftElement {
  return { set: SETS.guarded, key: interfaceKey(name) };
}

export function portElement(published: FirewallPort): NftElement {
  const { family, hostAddress, hostPort, protocol, address, port } = published;
  const place = [new Uint8Array([PROTOCOL_NUMBERS[protocol]]), be16(hostPort)];
  const data = concatenated(bytesOf(address), be16(port));
  return hostAddress === undefined
    ? { set: SETS.anyPorts[family], key: concatenated(...place), data }
    : { set: SETS.ports[family], key: concatenated(bytesOf(hostAddress), ...place), data };
}

function bytesOf(text: string): Uint8Array {
  const address = parseAddress(text);
  if (address === undefined) throw new RangeError(`no address: ${text}`);
  return addressBytes(address);
}
