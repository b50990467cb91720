import { attempt, isSysError } from '../../kernel/call.ts';
import { NETLINK } from '../../kernel/constants.ts';
import { readDirectory, readTextIfThere, replaceFile, writeExisting } from '../../kernel/files.ts';
import { allLinks } from '../netlink/links.ts';
import { NetlinkSocket } from '../netlink/socket.ts';
import { forwardingFile } from '../records/places.ts';
import type { NetworkRoots } from '../types.ts';

const V4 = '/proc/sys/net/ipv4/ip_forward';
const V6 = '/proc/sys/net/ipv6/conf/all/forwarding';
const V6_INTERFACES = '/proc/sys/net/ipv6/conf';

/** How the host was before it became a router for containers. */
interface Before {
  /** Switches that were off. */
  readonly turnedOn: readonly string[];
  /** Its interfaces then. */
  readonly interfaces: readonly string[];
}

/**
 * Makes the host a router, where it isn't one. The interfaces between which it then must not forward: those that it
 * had before.
 */
export function becomeRouter(roots: NetworkRoots, hasIpv6: boolean): readonly string[] {
  const wanted = hasIpv6 ? [V4, V6] : [V4];
  const known = readBefore(roots);
  const off = wanted.filter((path) => readTextIfThere(path)?.trim() === '0');
  if (off.length === 0) return known.interfaces;
  const interfaces = known.interfaces.length > 0 ? known.interfaces : hostInterfaces();
  const before: Before = { turnedOn: [...new Set([...known.turnedOn, ...off])], interfaces };
  replaceFile(forwardingFile(roots), JSON.stringify(before));
  if (off.includes(V6)) keepRouterAdvertisements();
  for (const path of off) writeExisting(path, '1');
  return interfaces;
}

/** Turns off what becomeRouter() turned on. */
export function stopRouting(roots: NetworkRoots): void {
  for (const path of readBefore(roots).turnedOn) {
    try {
      writeExisting(path, '0');
    } catch (error) {
      if (!isSysError(error, 'ENOENT', 'EACCES', 'EPERM', 'EROFS')) throw error;
    }
  }
  attempt('unlink', forwardingFile(roots));
}

export function guardedInterfaces(roots: NetworkRoots): readonly string[] {
  return readBefore(roots).interfaces;
}

function readBefore(roots: NetworkRoots): Before {
  const text = readTextIfThere(forwardingFile(roots));
  return text === undefined ? { turnedOn: [], interfaces: [] } : (JSON.parse(text) as Before);
}

function hostInterfaces(): readonly string[] {
  using socket = new NetlinkSocket(NETLINK.ROUTE);
  return allLinks(socket)
    .map(({ name }) => name)
    .filter((name) => name !== 'lo');
}

/** A router ignores the advertisements of others, by which the host may have its own default route, unless told 2. */
function keepRouterAdvertisements(): void {
  for (const name of readDirectory(V6_INTERFACES)) {
    const path = `${V6_INTERFACES}/${name}/accept_ra`;
    if (readTextIfThere(path)?.trim() === '1') writeExisting(path, '2');
  }
}
