import { formatAddress, parseAddress } from '../../../pure/base/ip-address.ts';
import type { PortWish, Protocol } from '../../network/types.ts';
import { usageError } from '../corten-context.ts';

const PROTOCOLS: readonly string[] = ['tcp', 'udp', 'sctp'];

type Span = readonly [first: number, last: number];

/**
 * `[[ADDRESS:][PORT]:]PORT[/PROTOCOL]` as Docker writes it, with ranges for ports: as many of the host as of the
 * container, or of the host more for one of the container, of which the first that is free is taken.
 */
export function parsePublish(text: string): readonly PortWish[] {
  const { address, host, container, protocol } = split(text);
  const inside = spanOf(container, text);
  const outside = host === '' ? undefined : spanOf(host, text);
  const count = inside[1] - inside[0] + 1;
  const hostAddress = address === '' ? undefined : addressOf(address, text);
  const base = { protocol, ...(hostAddress === undefined ? {} : { hostAddress }) };
  if (outside !== undefined && count === 1) return [{ ...base, hostPorts: outside, port: inside[0] }];
  if (outside !== undefined && outside[1] - outside[0] + 1 !== count) {
    throw usageError(
      `The flag --publish wants as many ports of the host as of the container, unlike "${text}"`,
    );
  }
  return Array.from({ length: count }, (_, index): PortWish => {
    const port = outside === undefined ? 0 : outside[0] + index;
    return { ...base, hostPorts: [port, port], port: inside[0] + index };
  });
}

interface Parts {
  readonly address: string;
  readonly host: string;
  readonly container: string;
  readonly protocol: Protocol;
}

/** From the end: an address of IPv6 has colons of its own, and stands in brackets. */
function split(text: string): Parts {
  const [ports = '', protocol = 'tcp', ...more] = text.split('/');
  const lower = protocol.toLowerCase();
  if (more.length > 0 || !PROTOCOLS.includes(lower)) {
    throw usageError(`The flag --publish knows the protocols ${PROTOCOLS.join(', ')}, not that of "${text}"`);
  }
  const match = /^(?:(?:\[([^\]]*)\]|([^:]*)):)??(?:([^:]*):)?([^:]+)$/.exec(ports);
  if (match === null) throw invalid(text);
  const [, inBrackets, plain, host = '', container = ''] = match;
  return { address: inBrackets ?? plain ?? '', host, container, protocol: lower as Protocol };
}

function spanOf(text: string, whole: string): Span {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const [first, last] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? match?.[1] ?? 0)];
  if (match !== null && first >= 1 && last <= 65535 && first <= last) return [first, last];
  throw invalid(whole);
}

function addressOf(text: string, whole: string): string {
  const address = parseAddress(text === 'localhost' ? '127.0.0.1' : text);
  if (address !== undefined) return formatAddress(address);
  throw usageError(`The flag --publish takes an address of the host, which that of "${whole}" is not`);
}

function invalid(text: string): Error {
  return usageError(
    `The flag --publish takes PORT:PORT, PORT or ADDRESS:PORT:PORT with ports from 1 to 65535, not "${text}"`,
  );
}
