import { attempt, isSysError, retry, sys } from '../kernel/call.ts';
import { LOCK, NETLINK, O } from '../kernel/constants.ts';
import { openFile, type Fd } from '../kernel/files.ts';
import { removeTree } from '../kernel/remove-tree.ts';
import { exit, fork, sleep } from '../kernel/process.ts';
import { removeBridge } from './bridge/bridges.ts';
import { stopRouting } from './bridge/forwarding.ts';
import { elementsOfNetwork } from './firewall/elements-of.ts';
import { Firewall } from './firewall/firewall.ts';
import { allLinks } from './netlink/links.ts';
import { NetlinkSocket } from './netlink/socket.ts';
import { isUnused, releaseAddress, reservedAddresses } from './records/addresses.ts';
import { isHeld, readContainerNetwork } from './container-network.ts';
import { forget } from './records/forget.ts';
import { allNetworks } from './records/network-records.ts';
import { bridgeName, lockFile, namesFolder, tableName } from './records/places.ts';
import type { ContainerNetwork, NetworkRecord, NetworkRoots } from './types.ts';

/** How long an unused bridge stays: whoever runs one container after another finds it there. */
const LINGER_MS = 1000;
const LAST_FD = 0xffffffff;

/**
 * Sweeps in a process of its own: to remove a bridge takes the kernel 30 ms, for which nobody should wait, and the next
 * container may come in that time.
 */
export function sweepLater(roots: NetworkRoots): void {
  if (fork() !== 0) return;
  try {
    sys('setsid');
    const nothing = sys('open', '/dev/null', O.RDWR, 0);
    for (const stream of [0, 1, 2]) sys('dup3', nothing, stream, 0);
    attempt('close_range', 3, LAST_FD, 0);
    sys('chdir', '/');
    sleep(LINGER_MS);
    sweepNetworks(roots);
  } finally {
    exit(0);
  }
}

/**
 * Forgets containers that are gone without having been seen to end, and takes away what no network needs any more:
 * bridges without a container, and with the last one the firewall's table and the host's work as a router.
 */
function sweepNetworks(roots: NetworkRoots): void {
  using lock = lockIfThere(roots);
  if (lock !== undefined) sweep(roots);
}

/** As sweepNetworks(), for whoever holds the lock. */
export function sweep(roots: NetworkRoots): void {
  using socket = new NetlinkSocket(NETLINK.ROUTE);
  const links = new Set(allLinks(socket).map(({ name }) => name));
  const records = allNetworks(roots);
  for (const record of records) forgetGone(roots, record, links);
  const unused = records.filter(({ name }) => isUnused(roots, name));
  for (const record of unused) removeUnused(roots, record, { socket, links });
  // Empty once the name server is gone.
  attempt('rmdir', namesFolder(roots));
  if (unused.length < records.length) return;
  removeTable(roots);
  stopRouting(roots);
}

/** Removes what the kernel and the run directory have of a network without containers. The caller holds the lock. */
export function removeUnused(
  roots: NetworkRoots,
  record: NetworkRecord,
  { socket, links }: { readonly socket: NetlinkSocket; readonly links: ReadonlySet<string> },
): void {
  using folder = openFile(roots.run, O.RDONLY | O.DIRECTORY);
  removeTree(folder.number, record.name);
  const bridge = bridgeName(roots, record);
  if (record.driver !== 'bridge' || !links.has(bridge)) return;
  removeBridge(socket, bridge);
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
