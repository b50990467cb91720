import { addressBytes, parseAddress } from '../../../pure/base/ip-address.ts';
import { AF, NETLINK } from '../../kernel/constants.ts';
import { attributesIn, Batch, type MessageStart, type Reply } from '../netlink/message.ts';
import { NetlinkSocket } from '../netlink/socket.ts';

/** include/uapi/linux/netfilter/nfnetlink_conntrack.h */
const SUBSYSTEM = 1;
const CT = { GET: 1, DELETE: 2 } as const;
const CTA = { TUPLE_ORIG: 1, TUPLE_REPLY: 2, ID: 12, ZONE: 18 } as const;
const TUPLE = { IP: 1, PROTO: 2 } as const;
const SOURCE = { 4: 1, 6: 3 } as const;
const PROTO_NUM = 1;
const UDP = 17;
const NFGENMSG = 4;

/**
 * Has the kernel forget to whom datagrams were redirected: a client that goes on sending from one port would go on
 * being led to an address that is nobody's, for as long as it sends.
 */
export function forgetFlows(addresses: readonly string[]): void {
  using socket = new NetlinkSocket(NETLINK.NETFILTER);
  for (const family of [4, 6] as const) {
    const own = addresses.flatMap((text) => {
      const address = parseAddress(text);
      return address?.family === family ? [addressBytes(address)] : [];
    });
    if (own.length === 0) continue;
    const flows = socket.dump(startOf(family, CT.GET, 'List connections'));
    const batch = new Batch();
    for (const flow of flows) if (isOf(flow, family, own)) remove(batch, family, flow);
    // One that has ended meanwhile is no error.
    if (batch.count > 0) socket.try(batch);
  }
}

/** Answers come from whom the datagrams went to. */
function isOf({ payload }: Reply, family: 4 | 6, own: readonly Uint8Array[]): boolean {
  const reply = attributesIn(attributesIn(payload, NFGENMSG).get(CTA.TUPLE_REPLY) ?? new Uint8Array(), 0);
  const source = attributesIn(reply.get(TUPLE.IP) ?? new Uint8Array(), 0).get(SOURCE[family]);
  const protocol = attributesIn(reply.get(TUPLE.PROTO) ?? new Uint8Array(), 0).get(PROTO_NUM);
  if (source === undefined || protocol?.[0] !== UDP) return false;
  return own.some((address) => address.every((byte, index) => byte === source[index]));
}

function remove(batch: Batch, family: 4 | 6, { payload }: Reply): void {
  const flow = attributesIn(payload, NFGENMSG);
  batch.add(startOf(family, CT.DELETE, 'Forget a connection'), () => {
    batch.nested(CTA.TUPLE_ORIG, () => batch.header(flow.get(CTA.TUPLE_ORIG) ?? new Uint8Array()));
    for (const type of [CTA.ID, CTA.ZONE]) {
      const value = flow.get(type);
      if (value !== undefined) batch.raw(type, value);
    }
  });
}

/** struct nfgenmsg */
function startOf(family: 4 | 6, type: number, what: string): MessageStart {
  const header = new Uint8Array([family === 4 ? AF.INET : AF.INET6, 0, 0, 0]);
  return { type: (SUBSYSTEM << 8) | type, flags: 0, header, what };
}
