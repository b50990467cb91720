import { readContainerNetwork } from '../../network/container-network.ts';
import type { ContainerConfig } from '../container-config.ts';
import { readConfig } from '../container-config.ts';
import { openContainer, statusOf } from '../container-status.ts';
import { engineError } from '../errors.ts';
import { findContainer } from '../find-container.ts';
import type { Roots } from '../roots.ts';
import type { LinkSetting } from '../run-settings.ts';

const SHORT_ID = 12;
/** What every container has, and none tells another of. */
const OWN_VARIABLES: ReadonlySet<string> = new Set(['PATH', 'HOSTNAME', 'HOME', 'TERM']);

/** Another container as docker's --link shows it. */
export interface Link {
  readonly alias: string;
  readonly address: string;
  /** What the address is called in /etc/hosts. */
  readonly names: readonly string[];
  readonly config: ContainerConfig;
}

/** The containers that one is linked with, as they are now. Throws ENGINE_CONTAINER_NOT_RUNNING. */
export function linksOf(roots: Roots, { name, settings, networking }: ContainerConfig): readonly Link[] {
  const own = new Set(networking.networks.map(({ network }) => network));
  return (settings?.links ?? []).map((link) => linkOf(roots, link, { name, own }));
}

function linkOf(
  roots: Roots,
  { container, alias }: LinkSetting,
  { name, own }: { readonly name: string; readonly own: ReadonlySet<string> },
): Link {
  const places = findContainer(roots, container);
  using directory = openContainer(places);
  if (directory === undefined || statusOf(directory.number).state !== 'running') {
    const text = `The container ${container}, which ${name} is linked with, is not running: start it first`;
    throw engineError('ENGINE_CONTAINER_NOT_RUNNING', text);
  }
  const endpoint = readContainerNetwork(places.directory)?.endpoints.find(({ network }) => own.has(network));
  const address = endpoint?.addresses[0]?.address;
  if (address === undefined) {
    const text = `The container ${container} is in no network of ${name}, so that they can't be linked: give both one --network`;
    throw engineError('ENGINE_NETWORK_FIXED', text);
  }
  const config = readConfig(directory.number, places.name);
  const names = [...new Set([alias, config.id.slice(0, SHORT_ID), config.name])];
  return { alias, address, names, config };
}

/** The variables that docker makes of a link. */
export function linkVariables(container: string, { alias, address, config }: Link): readonly string[] {
  const prefix = alias.toUpperCase().replaceAll('-', '_');
  const ports = config.networking.exposed.toSorted((a, b) => a.port - b.port);
  const [first] = ports;
  const own = config.env.filter((variable) => !OWN_VARIABLES.has(variable.split('=', 1)[0] ?? ''));
  return [
    ...(first === undefined ? [] : [`${prefix}_PORT=${first.protocol}://${address}:${first.port}`]),
    ...ports.flatMap(({ port, protocol }) => {
      const one = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
      const url = `${protocol}://${address}:${port}`;
      return [`${one}=${url}`, `${one}_ADDR=${address}`, `${one}_PORT=${port}`, `${one}_PROTO=${protocol}`];
    }),
    `${prefix}_NAME=/${container}/${alias}`,
    ...own.map((variable) => `${prefix}_ENV_${variable}`),
  ];
}
