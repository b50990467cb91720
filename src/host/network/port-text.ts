import type { ContainerNetwork, PublishedPort } from './types.ts';

/** Published ports as Docker's `ps` shows them: `0.0.0.0:8080->80/tcp`, runs of them as `8000-8002->80-82/tcp`. */
export function portText({ ports }: Pick<ContainerNetwork, 'ports'>): string {
  const sorted = ports.toSorted(
    (a, b) =>
      compare(a.hostAddress, b.hostAddress) ||
      compare(a.protocol, b.protocol) ||
      a.port - b.port ||
      a.hostPort - b.hostPort,
  );
  const runs: { readonly first: PublishedPort; last: PublishedPort }[] = [];
  for (const port of sorted) {
    const run = runs.at(-1);
    if (run !== undefined && follows(run.last, port)) run.last = port;
    else runs.push({ first: port, last: port });
  }
  return runs.map(({ first, last }) => describe(first, last)).join(', ');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function follows(one: PublishedPort, other: PublishedPort): boolean {
  return (
    one.hostAddress === other.hostAddress &&
    one.protocol === other.protocol &&
    one.port + 1 === other.port &&
    one.hostPort + 1 === other.hostPort
  );
}

function describe(first: PublishedPort, last: PublishedPort): string {
  const span = (from: number, to: number): string => (from === to ? String(from) : `${from}-${to}`);
  const host = hostText(first.hostAddress, span(first.hostPort, last.hostPort));
  return `${host}->${span(first.port, last.port)}/${first.protocol}`;
}

/** An address of IPv6 stands in brackets, but for the one that means all, as Docker has it. */
export function hostText(address: string, port: string | number): string {
  return address.includes(':') && address !== '::' ? `[${address}]:${port}` : `${address}:${port}`;
}
