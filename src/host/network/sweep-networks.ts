import { attempt, isSysError, retry } from '../kernel/call.ts';
import { LOCK, NETLINK, O } from '../kernel/constants.ts';
import { openFile, type Fd } from '../kernel/files.ts';
import { removeTree } from '../kernel/remove-tree.ts';
import { sleep } from '../kernel/process.ts';
import { inBackground } from './background.ts';
import { removeLink } from './bridge/bridges.ts';
import { stopRouting } from './bridge/forwarding.ts';
import { elementsOfNetwork } from './firewall/elements-of.ts';
import { Firewall } from './firewall/firewall.ts';
import { removeNames } from './names/name-server.ts';
import { allLinks, type Link } from './netlink/links.ts';
import { NetlinkSocket } from './netlink/socket.ts';
import { isUnused, releaseAddress, reservedAddresses } from './records/addresses.ts';
import { isHeld, readContainerNetwork } from './container-network.ts';
import { forget } from './records/forget.ts';
import { allNetworks } from './records/network-records.ts';
import { bridgeName, lockFile, sweeperFile, tableName } from './records/places.ts';
import type { ContainerNetwork, NetworkRecord, NetworkRoots } from './types.ts';

/** How long an unused bridge stays: whoever runs one container after another finds it there. */
const LINGER_MS = 1000;

/**
 * Sweeps in a process of its own: to remove a bridge takes the kernel 30 ms, for which nobody should wait, and the next
 * container may come in that time.
 */
export function sweepLater(roots: NetworkRoots): void {
  using turn = openFile(sweeperFile(roots), O.RDWR | O.CREAT | O.NOFOLLOW, 0o600);
  // Whoever has it is going to see what we left.
  if (attempt('flock', turn.number, LOCK.EX | LOCK.NB) !== 0) return;
  inBackground(() => {
    sleep(LINGER_MS);
    sweepNetworks(roots, turn);
  }, turn);
}

/**
 * Forgets containers that are gone without having been seen to end, and takes away what no network needs any more:
 * bridges without a container, and with the last one the firewall's table and the host's work as a router.
 */
function sweepNetworks(roots: NetworkRoots, turn: Fd): void {
  using lock = lockIfThere(roots);
  // From here on who leaves waits for the lock, and takes a turn of its own.
  turn.close();
  if (lock !== undefined) sweep(roots);
}

/** As sweepNetworks(), for whoever holds the lock. */
export function sweep(roots: NetworkRoots): void {
  using socket = new NetlinkSocket(NETLINK.ROUTE);
  const links = allLinks(socket);
  const names = new Set(links.map(({ name }) => name));
  const records = allNetworks(roots);
  for (const record of records) forgetGone(roots, record, names);
  const unused = records.filter(({ name }) => isUnused(roots, name));
  for (const record of unused) removeUnused(roots, record, { socket, links });
  if (unused.length < records.length) return;
  removeNames(roots);
  // In this order, so that the host never forwards unguarded.
  stopRouting(roots);
  removeTable(roots);
}

/** A conversation about the host, and all of its interfaces. */
export interface HostLinks {
  readonly socket: NetlinkSocket;
  readonly links: readonly Link[];
}

/** Removes what the kernel and the run directory have of a network without containers. The caller holds the lock. */
export function removeUnused(roots: NetworkRoots, record: NetworkRecord, { socket, links }: HostLinks): void {
  using folder = openFile(roots.run, O.RDONLY | O.DIRECTORY);
  removeTree(folder.number, record.name);
  const bridge = bridgeName(roots, record);
  const found = links.find(({ name }) => name === bridge);
  if (record.driver !== 'bridge' || found === undefined) return;
  // A namespace that somebody else keeps, as for a look into it, still has its interface.
  for (const { name, master } of links) if (master === found.index) removeLink(socket, name);
  removeLink(socket, bridge);
  using firewall = new Firewall(tableName(roots));
  firewall.remove(elementsOfNetwork(roots, record));
}

function removeTable(roots: NetworkRoots): void {
  using firewall = new Firewall(tableName(roots));
  firewall.removeTable();
}

/** Without a run directory there is nothing to sweep, and none is made. */
function lockIfThere(roots: NetworkRoots): Fd | undefined {
  try {
    const file = openFile(lockFile(roots), O.RDWR | O.NOFOLLOW);
    retry('flock', file.number, LOCK.EX);
    return file;
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function forgetGone(roots: NetworkRoots, { name }: NetworkRecord, links: ReadonlySet<string>): void {
  for (const { address, directory } of reservedAddresses(roots, name)) {
    const network = readContainerNetwork(directory);
    if (isHeld(directory) || (network !== undefined && isAlive(network, links))) continue;
    if (network === undefined) releaseAddress(roots, name, address);
    else forget(network, directory);
  }
}

/**
 * The kernel's word on a container whose monitor was killed: its interface lives as long as it does. One of a macvlan
 * can't be seen from here, so that its addresses stay with it until it is removed.
 */
function isAlive({ endpoints }: ContainerNetwork, links: ReadonlySet<string>): boolean {
  return endpoints.some(({ outside }) => outside === undefined || links.has(outside));
}
