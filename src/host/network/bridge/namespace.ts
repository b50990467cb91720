import { attempt, sys } from '../../kernel/call.ts';
import { CLONE, NETLINK, O } from '../../kernel/constants.ts';
import { openFile, type Fd } from '../../kernel/files.ts';
import { networkNamespaceOf } from './owned-namespace.ts';
import { NetlinkSocket } from '../netlink/socket.ts';

/** A network namespace, and a conversation about it. */
export class ContainerNamespace {
  readonly fd: Fd;
  readonly socket: NetlinkSocket;

  constructor(fd: Fd, socket: NetlinkSocket) {
    this.fd = fd;
    this.socket = socket;
  }

  /** A new one, with what Docker lets programs in it do: listen on low ports and ping, without being root. */
  static make(userNamespace: Fd | undefined): ContainerNamespace {
    if (userNamespace === undefined) return visiting(() => sys('unshare', CLONE.NEWNET), permit);
    using made = networkNamespaceOf(userNamespace);
    return visiting(() => sys('setns', made.number, CLONE.NEWNET), permit);
  }

  /** The one that a descriptor stands for. */
  static of(namespace: Fd): ContainerNamespace {
    return visiting(
      () => sys('setns', namespace.number, CLONE.NEWNET),
      () => undefined,
    );
  }

  [Symbol.dispose](): void {
    this.socket.close();
  }
}

function permit(): void {
  setParameter('net/ipv4/ip_unprivileged_port_start', '0');
  setParameter('net/ipv4/ping_group_range', '0 2147483647');
}

/** Goes into a namespace and always comes back. */
function visiting(enter: () => void, settle: () => void): ContainerNamespace {
  using own = openFile('/proc/self/ns/net', O.RDONLY);
  enter();
  try {
    const fd = openFile('/proc/self/ns/net', O.RDONLY);
    settle();
    return new ContainerNamespace(fd, new NetlinkSocket(NETLINK.ROUTE));
  } finally {
    sys('setns', own.number, CLONE.NEWNET);
  }
}

/** One that a kernel doesn't have, or that isn't shown, stays as it is. */
function setParameter(name: string, value: string): void {
  const fd = attempt('open', `/proc/sys/${name}`, O.WRONLY | O.CLOEXEC, 0);
  if (fd < 0) return;
  attempt('write', fd, value, value.length);
  attempt('close', fd);
}
