import {
  addressRegisters,
  CT,
  CT_STATE_KNOWN,
  CT_STATUS_DNAT,
  conntrack,
  destinationAddress,
  destinationPort,
  hasAnyBit,
  isEqual,
  isFamily,
  isForHost,
  isIn,
  isNotIn,
  isOther,
  mapped,
  masquerade,
  META,
  meta,
  redirect,
  REGISTER,
  sourceAddress,
  VERDICT,
  verdict,
  type Family,
} from './expressions.ts';
import { HOOK, type Expression, type NftChain, type NftSet, type Transaction } from './nf-tables.ts';

/** nft's numbers of types; those of a key of several parts lie in six bits each (its include/datatype.h). */
const TYPE = { v4: 7, v6: 8, protocol: 12, port: 13, interface: 41 } as const;
const joined = (...types: readonly number[]): number => types.reduce((sum, type) => (sum << 6) | type, 0);

/** The lists whose elements are networks and published ports. */
export const SETS = {
  /** Names of bridges, all and those of internal networks. */
  bridges: 'bridges',
  internal: 'internal',
  /** A bridge's name twice. */
  same: 'same',
  /** Interfaces that the host had before it became a router: nothing is forwarded between those. */
  guarded: 'guarded',
  /** Subnets whose addresses nobody else can answer to. */
  nat: { 4: 'nat4', 6: 'nat6' },
  /** Ports published on one address of the host, and on all. */
  ports: { 4: 'ports4', 6: 'ports6' },
  anyPorts: { 4: 'any4', 6: 'any6' },
} as const;

const NAME = { keyType: TYPE.interface, keySize: 16 };
const TARGET = {
  4: { type: joined(TYPE.v4, TYPE.port), size: 8 },
  6: { type: joined(TYPE.v6, TYPE.port), size: 20 },
} as const;

const ALL_SETS: readonly NftSet[] = [
  { name: SETS.bridges, ...NAME },
  { name: SETS.internal, ...NAME },
  { name: SETS.guarded, ...NAME },
  { name: SETS.same, keyType: joined(TYPE.interface, TYPE.interface), keySize: 32 },
  { name: SETS.nat[4], keyType: TYPE.v4, keySize: 4, isInterval: true },
  { name: SETS.nat[6], keyType: TYPE.v6, keySize: 16, isInterval: true },
  { name: SETS.ports[4], keyType: joined(TYPE.v4, TYPE.protocol, TYPE.port), keySize: 12, data: TARGET[4] },
  { name: SETS.ports[6], keyType: joined(TYPE.v6, TYPE.protocol, TYPE.port), keySize: 24, data: TARGET[6] },
  { name: SETS.anyPorts[4], keyType: joined(TYPE.protocol, TYPE.port), keySize: 8, data: TARGET[4] },
  { name: SETS.anyPorts[6], keyType: joined(TYPE.protocol, TYPE.port), keySize: 8, data: TARGET[6] },
];

/** The priorities that nft calls raw, dstnat, filter and srcnat. */
const PRIORITY = { raw: -300, dstnat: -100, filter: 0, srcnat: 100 } as const;
const PUBLISHED = 'published';

const CHAINS: readonly NftChain[] = [
  { name: PUBLISHED },
  { name: 'raw', hook: { type: 'filter', number: HOOK.PREROUTING, priority: PRIORITY.raw } },
  { name: 'prerouting', hook: { type: 'nat', number: HOOK.PREROUTING, priority: PRIORITY.dstnat } },
  { name: 'output', hook: { type: 'nat', number: HOOK.OUTPUT, priority: PRIORITY.dstnat } },
  { name: 'forward', hook: { type: 'filter', number: HOOK.FORWARD, priority: PRIORITY.filter } },
  { name: 'postrouting', hook: { type: 'nat', number: HOOK.POSTROUTING, priority: PRIORITY.srcnat } },
];

/** How many rules the table has. */
export const RULE_COUNT = 2 * 7 + 8;

/** The whole table, without elements. */
export function writeRuleset(transaction: Transaction): void {
  transaction.addTable();
  for (const set of ALL_SETS) transaction.addSet(set);
  for (const chain of CHAINS) transaction.addChain(chain);
  for (const family of [4, 6] as const) writeFamilyRules(transaction, family);
  for (const expressions of FORWARD_RULES) transaction.addRule('forward', expressions);
}

/** A rule's outcome stands at its end; what goes before says for whom. */
function writeFamilyRules(transaction: Transaction, family: Family): void {
  const published = verdict(VERDICT.JUMP, PUBLISHED);
  const fromNetwork = [...isFamily(family), sourceAddress(family), isIn(SETS.nat[family])];
  // A container may send what it likes to 127.0.0.1 by its interface, and others may have set route_localnet.
  transaction.addRule('raw', [...from(SETS.bridges), ...toLoopback(family, isEqual), verdict(VERDICT.DROP)]);
  transaction.addRule('prerouting', [...isFamily(family), ...isForHost(), published]);
  // What the host sends to its loopback goes to the forwarder that listens there.
  transaction.addRule('output', [...toLoopback(family, isOther), ...isForHost(), published]);
  for (const rule of publishedRules(family)) transaction.addRule(PUBLISHED, rule);
  // One container of a network reaches another by a published port: without this it would be answered directly.
  transaction.addRule('postrouting', [...fromNetwork, ...isRedirected(), masquerade()]);
  transaction.addRule('postrouting', [...fromNetwork, ...notTo(SETS.bridges), masquerade()]);
}

/** Of keys of several parts: the address, if any, the protocol and the port, in the order of the registers. */
function publishedRules(family: Family): readonly (readonly Expression[])[] {
  const behindAddress = REGISTER + addressRegisters(family);
  const portAt = (register: number): readonly Expression[] => [
    meta(META.L4PROTO, register),
    destinationPort(register + 1),
  ];
  return [
    [
      ...isFamily(family),
      destinationAddress(family),
      ...portAt(behindAddress),
      mapped(SETS.ports[family]),
      redirect(family),
    ],
    [...isFamily(family), ...portAt(REGISTER), mapped(SETS.anyPorts[family]), redirect(family)],
  ];
}

const DROP = verdict(VERDICT.DROP);
const ACCEPT = verdict(VERDICT.ACCEPT);

/** `accept` ends this table's look at a packet only: other tables still have their say. */
const FORWARD_RULES: readonly (readonly Expression[])[] = [
  [conntrack(CT.STATE), ...hasAnyBit(CT_STATE_KNOWN), ACCEPT],
  // With br_netfilter what stays within a bridge comes by here too.
  [meta(META.IIFNAME), meta(META.OIFNAME, REGISTER + 4), isIn(SETS.same), ACCEPT],
  [...from(SETS.internal), DROP],
  [...to(SETS.internal), DROP],
  [...isRedirected(), ACCEPT],
  [...to(SETS.bridges), DROP],
  [...from(SETS.bridges), ACCEPT],
  [...from(SETS.guarded), ...to(SETS.guarded), DROP],
];

function from(set: string): readonly Expression[] {
  return [meta(META.IIFNAME), isIn(set)];
}

function to(set: string): readonly Expression[] {
  return [meta(META.OIFNAME), isIn(set)];
}

function notTo(set: string): readonly Expression[] {
  return [meta(META.OIFNAME), isNotIn(set)];
}

function isRedirected(): readonly Expression[] {
  return [conntrack(CT.STATUS), ...hasAnyBit(CT_STATUS_DNAT)];
}

/** 127.0.0.0/8, of which the first byte says all, or ::1. */
function toLoopback(family: Family, compare: (value: Uint8Array) => Expression): readonly Expression[] {
  const loopback = family === 4 ? new Uint8Array([127]) : new Uint8Array(16).with(15, 1);
  return [...isFamily(family), destinationAddress(family, loopback.length), compare(loopback)];
}
