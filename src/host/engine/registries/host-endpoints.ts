import { parseHostsToml, type HostEntry } from '../../../pure/config/hosts-toml.ts';
import type { RegistryEndpoint, TlsSettings } from '../../../pure/config/registry-access.ts';
import type { RegistryTarget } from '../../../pure/config/registry-targets.ts';
import { readText } from '../../kernel/files.ts';
import { exists } from '../../monitor/places.ts';
import { setting } from '../settings.ts';
import { parseToml } from '../settings/toml.ts';
import { findTls, readCertificate } from './certificates.ts';
import { findCredentials } from './credentials.ts';

/** The endpoints of a registry by containerd's hosts.toml, or the given one alone where there is no such file. */
export function hostEndpoints(
  variables: readonly string[],
  target: RegistryTarget,
  own: RegistryEndpoint,
): readonly RegistryEndpoint[] {
  const path = hostsFile(target.domain);
  if (path === undefined) return [own];
  const { hosts, server } = parseHostsToml({ path, content: parseToml(readText(path), path) });
  const toEndpoint = (entry: HostEntry): RegistryEndpoint => ({
    ...(own.repository === undefined ? {} : { repository: own.repository }),
    ...endpointOf(variables, { entry, path, target }),
  });
  return [...hosts.map(toEndpoint), server === undefined ? own : toEndpoint(server)];
}

/** As containerd looks for it: `host_port_`, `host:port`, `_default`. */
function hostsFile(domain: string): string | undefined {
  const names = [domain.replace(/:(\d+)$/, '_$1_'), domain, '_default'];
  return setting('registries.hosts_dirs')
    .flatMap((folder) => names.map((name) => `${folder}/${name}/hosts.toml`))
    .find(exists);
}

interface Entry {
  readonly entry: HostEntry;
  /** The hosts.toml. */
  readonly path: string;
  readonly target: RegistryTarget;
}

function endpointOf(
  variables: readonly string[],
  { entry, path, target: { domain, repository } }: Entry,
): RegistryEndpoint {
  const host = entry.url.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  const credentials = findCredentials(variables, { domain: host, repository });
  const tls = tlsOf(variables, host, { entry, folder: path.slice(0, path.lastIndexOf('/')) });
  return {
    url: entry.url,
    plainHttp: entry.url.startsWith('http:') ? 'only' : 'never',
    capabilities: entry.capabilities,
    isWholePath: entry.isWholePath,
    // A mirror of several registries has to be told which one is meant.
    ...(host === domain ? {} : { namespace: domain }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(tls === undefined ? {} : { tls }),
    headers: entry.headers,
  };
}

function tlsOf(
  variables: readonly string[],
  host: string,
  { entry, folder }: { readonly entry: HostEntry; readonly folder: string },
): TlsSettings | undefined {
  const { skipVerify } = entry;
  const read = (name: string): string => readCertificate(name.startsWith('/') ? name : `${folder}/${name}`);
  const authorities = entry.authorities.map(read);
  const clients = entry.clients.map(([certificate, key]) => ({
    certificate: read(certificate),
    key: read(key),
  }));
  const common = findTls(variables, host);
  if (common === undefined && authorities.length + clients.length === 0 && !skipVerify) return undefined;
  return {
    authorities: [...authorities, ...(common?.authorities ?? [])],
    clients: [...clients, ...(common?.clients ?? [])],
    skipVerify,
  };
}
