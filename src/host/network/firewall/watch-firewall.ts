import { attempt, isSysError, sys } from '../../kernel/call.ts';
import { AF, NETLINK, SO, SOCK, SOL } from '../../kernel/constants.ts';
import { messageOf, NFT } from './nf-tables.ts';

/** include/uapi/linux/netfilter/nfnetlink.h: NFNLGRP_NFTABLES is group 7. */
const GROUP_BIT = 1 << 6;
/** include/uapi/linux/bpf_common.h: a half word of the message, a comparison, the end. */
const LOAD_HALF = 0x28;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;
/** Where struct nlmsghdr has the type. */
const TYPE_AT = 4;
const WHOLE = 0xffffffff;

/**
 * A socket that becomes readable when somebody removes tables, chains, rules or lists, and not at the coming and going
 * of ports, which the kernel would tell every monitor of: what a batch begins with is all that is looked at. undefined
 * where the kernel refuses it.
 */
export function watchFirewall(): number | undefined {
  const socket = attempt('socket', AF.NETLINK, SOCK.RAW | SOCK.CLOEXEC | SOCK.NONBLOCK, NETLINK.NETFILTER);
  if (socket < 0) return undefined;
  try {
    const filter = removalsOnly();
    // struct sock_fprog: a count, and a pointer.
    const program = new BigUint64Array([BigInt(filter.length), BigInt(addr(filter))]);
    sys('setsockopt', socket, SOL.SOCKET, SO.ATTACH_FILTER, program, 16);
    // struct sockaddr_nl: family, our port, groups.
    sys('bind', socket, new Uint32Array([AF.NETLINK, 0, GROUP_BIT]), 12);
    return socket;
  } catch (error) {
    attempt('close', socket);
    if (isSysError(error, 'EPERM')) return undefined;
    throw error;
  }
}

/** struct sock_filter, eight bytes each: code, how far to jump where it is so and where not, a number. */
function removalsOnly(): BigUint64Array {
  const removals = [NFT.DELTABLE, NFT.DELCHAIN, NFT.DELRULE, NFT.DELSET].map(
    (type) => messageOf(type, 0, '').type,
  );
  const statement = (code: number, number: number, ifTrue = 0): bigint =>
    BigInt(code) | (BigInt(ifTrue) << 16n) | (BigInt(number) << 32n);
  return new BigUint64Array([
    statement(LOAD_HALF, TYPE_AT),
    // What is loaded has its bytes in network order, and the header has not.
    ...removals.map((type, index) =>
      statement(JUMP_IF_EQUAL, ((type & 255) << 8) | (type >> 8), removals.length - index),
    ),
    statement(RETURN, 0),
    statement(RETURN, WHOLE),
  ]);
}
