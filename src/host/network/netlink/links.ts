import {
  addressBytes,
  addressOf,
  lastOf,
  subnetOf,
  type IpAddress,
  type Subnet,
} from '../../../pure/base/ip-address.ts';
import { AF } from '../../kernel/constants.ts';
import { attributesIn, Batch, NLM_F, numberIn, textIn, type MessageStart, type Reply } from './message.ts';
import type { NetlinkSocket } from './socket.ts';

/** include/uapi/linux/rtnetlink.h */
const RTM = {
  NEWLINK: 16,
  DELLINK: 17,
  GETLINK: 18,
  SETLINK: 19,
  NEWADDR: 20,
  NEWROUTE: 24,
  GETROUTE: 26,
} as const;
/** include/uapi/linux/if_link.h */
const IFLA = { ADDRESS: 1, IFNAME: 3, MTU: 4, LINK: 5, MASTER: 10, LINKINFO: 18, AF_SPEC: 26, NET_NS_FD: 28 };
const INFO = { KIND: 1, DATA: 2, SLAVE_KIND: 4, SLAVE_DATA: 5 } as const;
const BRPORT_MODE = 4;
const VETH_PEER = 1;
const MACVLAN_MODE = 1;
const INET6_ADDR_GEN_MODE = 8;
const ADDR_GEN_NONE = 1;
const IFF_UP = 1;
/** include/uapi/linux/if_addr.h */
const IFA = { ADDRESS: 1, LOCAL: 2, BROADCAST: 4, FLAGS: 8 } as const;
const IFA_F_NODAD = 2;
const RTA = { DST: 1, OIF: 4, GATEWAY: 5 } as const;
const RT_TABLE_MAIN = 254;
const RTPROT_STATIC = 4;
const RT_SCOPE_UNIVERSE = 0;
const RTN_UNICAST = 1;

/** What macvlan's interfaces may say to each other: include/uapi/linux/if_link.h. */
export const MACVLAN_MODES = { private: 1, vepa: 2, bridge: 4, passthru: 8 } as const;

export interface Link {
  readonly index: number;
  readonly name: string;
  /** Index of the bridge that it is a port of, 0 for none. */
  readonly master: number;
  readonly mac: string;
  readonly mtu: number;
}

export function findLink(socket: NetlinkSocket, name: string): Link | undefined {
  const batch = new Batch();
  const start = {
    type: RTM.GETLINK,
    flags: 0,
    header: linkHeader(0, 0, 0),
    what: `Look for the interface ${name}`,
  };
  const reply = socket.ask(start, () => batch.text(IFLA.IFNAME, name), batch);
  return reply === undefined ? undefined : linkIn(reply);
}

export function allLinks(socket: NetlinkSocket): readonly Link[] {
  const start = { type: RTM.GETLINK, flags: 0, header: linkHeader(0, 0, 0), what: 'List the interfaces' };
  return socket.dump(start).map(linkIn);
}

function linkIn({ payload }: Reply): Link {
  const attributes = attributesIn(payload, 16);
  const mac = attributes.get(IFLA.ADDRESS) ?? new Uint8Array();
  return {
    index: numberIn(payload.subarray(4, 8)),
    name: textIn(attributes.get(IFLA.IFNAME)),
    master: numberIn(attributes.get(IFLA.MASTER)),
    mac: [...mac].map((byte) => byte.toString(16).padStart(2, '0')).join(':'),
    mtu: numberIn(attributes.get(IFLA.MTU)),
  };
}

export interface NewBridge {
  readonly name: string;
  readonly mac: string;
  readonly mtu: number | undefined;
}

/** A bridge with an address of its own: else it would change with its ports. */
export function addBridge(batch: Batch, { name, mac, mtu }: NewBridge): void {
  batch.add(creating(`Make the bridge ${name}`), () => {
    batch.text(IFLA.IFNAME, name).raw(IFLA.ADDRESS, macBytes(mac));
    if (mtu !== undefined) batch.u32(IFLA.MTU, mtu);
    batch.nested(IFLA.LINKINFO, () => batch.text(INFO.KIND, 'bridge'));
  });
}

export interface NewVeth {
  readonly name: string;
  /** Index of the bridge. */
  readonly master: number;
  readonly mtu: number | undefined;
  readonly inside: { readonly name: string; readonly mac: string; readonly namespace: number };
}

/** A pair of interfaces: one here, at a bridge, the other in the namespace that a descriptor stands for. */
export function addVeth(batch: Batch, { name, master, mtu, inside }: NewVeth): void {
  const size = (): void => {
    if (mtu !== undefined) batch.u32(IFLA.MTU, mtu);
  };
  batch.add(creating(`Make the interface ${name}`), () => {
    batch.text(IFLA.IFNAME, name).u32(IFLA.MASTER, master);
    size();
    batch.nested(IFLA.LINKINFO, () => {
      batch.text(INFO.KIND, 'veth').nested(INFO.DATA, () =>
        batch.nested(VETH_PEER, () => {
          // struct ifinfomsg comes before the peer's attributes, as in a message of its own.
          batch
            .header(linkHeader(0, 0, 0))
            .text(IFLA.IFNAME, inside.name)
            .raw(IFLA.ADDRESS, macBytes(inside.mac));
          size();
          batch.u32(IFLA.NET_NS_FD, inside.namespace);
        }),
      );
    });
  });
}

export interface NewMacvlan {
  readonly name: string;
  readonly mac: string;
  /** Index of the interface that it shares. */
  readonly parent: number;
  readonly mode: number;
  readonly mtu: number | undefined;
  readonly namespace: number;
}

/** An interface in another namespace that sends and receives by one of ours. */
export function addMacvlan(batch: Batch, { name, mac, parent, mode, mtu, namespace }: NewMacvlan): void {
  batch.add(creating(`Make the macvlan interface ${name}`), () => {
    batch.text(IFLA.IFNAME, name).raw(IFLA.ADDRESS, macBytes(mac)).u32(IFLA.LINK, parent);
    if (mtu !== undefined) batch.u32(IFLA.MTU, mtu);
    batch.u32(IFLA.NET_NS_FD, namespace).nested(IFLA.LINKINFO, () => {
      batch.text(INFO.KIND, 'macvlan').nested(INFO.DATA, () => batch.u32(MACVLAN_MODE, mode));
    });
  });
}

/** Raises an interface; without `hasLinkLocal` the kernel gives it no IPv6 address of its own. */
export function raiseLink(batch: Batch, link: string | number, hasLinkLocal: boolean): void {
  const index = typeof link === 'number' ? link : 0;
  const what = `Raise the interface ${link}`;
  batch.add({ type: RTM.SETLINK, flags: 0, header: linkHeader(index, IFF_UP, IFF_UP), what }, () => {
    if (typeof link === 'string') batch.text(IFLA.IFNAME, link);
    if (hasLinkLocal) return;
    batch.nested(IFLA.AF_SPEC, () =>
      batch.nested(AF.INET6, () => batch.u8(INET6_ADDR_GEN_MODE, ADDR_GEN_NONE)),
    );
  });
}

/** Lets a bridge send a frame back by the port that it came from. */
export function reflectAtPort(batch: Batch, name: string): void {
  const start = {
    type: RTM.NEWLINK,
    flags: 0,
    header: linkHeader(0, 0, 0),
    what: `Set up the bridge port ${name}`,
  };
  batch.add(start, () => {
    batch.text(IFLA.IFNAME, name).nested(IFLA.LINKINFO, () => {
      batch.text(INFO.SLAVE_KIND, 'bridge').nested(INFO.SLAVE_DATA, () => batch.u8(BRPORT_MODE, 1));
    });
  });
}

export function deleteLink(batch: Batch, name: string): void {
  const start = {
    type: RTM.DELLINK,
    flags: 0,
    header: linkHeader(0, 0, 0),
    what: `Remove the interface ${name}`,
  };
  batch.add(start, () => batch.text(IFLA.IFNAME, name));
}

/** Gives the interface an address that is used at once: nobody else can have it, so nobody is asked (IFA_F_NODAD). */
export function addAddress(
  batch: Batch,
  index: number,
  address: IpAddress & { readonly prefix: number },
): void {
  const { family, prefix } = address;
  const header = new Uint8Array([familyOf(family), prefix, 0, 0, ...little32(index)]);
  const what = `Give an interface its IPv${family} address`;
  batch.add({ type: RTM.NEWADDR, flags: NLM_F.CREATE | NLM_F.REPLACE, header, what }, () => {
    const bytes = addressBytes(address);
    batch.raw(IFA.LOCAL, bytes).raw(IFA.ADDRESS, bytes);
    if (family === 6) batch.u32(IFA.FLAGS, IFA_F_NODAD);
    else batch.raw(IFA.BROADCAST, addressBytes(lastOf(subnetOf(address, prefix))));
  });
}

/** All that isn't nearer goes through `gateway`. */
export function addDefaultRoute(batch: Batch, index: number, gateway: IpAddress): void {
  const what = `Set the IPv${gateway.family} default route`;
  const header = routeHeader(gateway.family);
  batch.add({ type: RTM.NEWROUTE, flags: NLM_F.CREATE | NLM_F.EXCL, header, what }, () =>
    batch.raw(RTA.GATEWAY, addressBytes(gateway)).u32(RTA.OIF, index),
  );
}

/** The networks that this namespace has routes to, the default routes left out. */
export function allRoutes(socket: NetlinkSocket): readonly Subnet[] {
  const header = routeHeader(4);
  header[0] = 0;
  const start: MessageStart = { type: RTM.GETROUTE, flags: 0, header, what: 'List the routes' };
  return socket.dump(start).flatMap(({ payload }) => {
    const destination = attributesIn(payload, 12).get(RTA.DST);
    const prefix = payload[1] ?? 0;
    return destination === undefined || prefix === 0 ? [] : [{ base: addressOf(destination), prefix }];
  });
}

function creating(what: string): MessageStart {
  return { type: RTM.NEWLINK, flags: NLM_F.CREATE | NLM_F.EXCL, header: linkHeader(0, 0, 0), what };
}

/** struct ifinfomsg */
function linkHeader(index: number, flags: number, change: number): Uint8Array {
  return new Uint8Array([0, 0, 0, 0, ...little32(index), ...little32(flags), ...little32(change)]);
}

/** struct rtmsg of a route to everywhere. */
function routeHeader(family: 4 | 6): Uint8Array {
  const head = [familyOf(family), 0, 0, 0, RT_TABLE_MAIN, RTPROT_STATIC, RT_SCOPE_UNIVERSE, RTN_UNICAST];
  return new Uint8Array([...head, 0, 0, 0, 0]);
}

function familyOf(family: 4 | 6): number {
  return family === 4 ? AF.INET : AF.INET6;
}

function little32(value: number): readonly number[] {
  return [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];
}

function macBytes(mac: string): Uint8Array {
  return Uint8Array.from(mac.split(':'), (part) => parseInt(part, 16));
}
