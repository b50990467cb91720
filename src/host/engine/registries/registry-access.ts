import {
  ownEndpoint,
  type ProxySettings,
  type RegistryAccess,
  type RegistryEndpoint,
  type TlsSettings,
} from '../../../pure/config/registry-access.ts';
import { findTargets, type RegistryTarget } from '../../../pure/config/registry-targets.ts';
import { exists } from '../../monitor/places.ts';
import { accessFlags, registryVariables } from '../access-flags.ts';
import { engineError } from '../errors.ts';
import { findTls } from './certificates.ts';
import { findCredentials } from './credentials.ts';
import { hostEndpoints } from './host-endpoints.ts';
import { registriesConf } from './registries-files.ts';
import { variableOf } from './variable.ts';

/** Where distributions keep the authorities that the machine trusts, as Go's crypto/x509 looks for them. */
const AUTHORITIES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

export interface AccessWish {
  /** As in references: `docker.io` or `localhost:5000`. */
  readonly domain: string;
  /** The repository's path; empty for the registry as a whole. */
  readonly repository: string;
  /** Whether the image is asked for by digest, which some mirrors are for alone. */
  readonly hasDigest?: boolean;
}

/** How the registry of a repository is reached. Throws ENGINE_REGISTRY_BLOCKED. */
export function registryAccess(wish: AccessWish): RegistryAccess {
  const variables = registryVariables();
  const found = findTargets(registriesConf(variables), { ...wish, hasDigest: wish.hasDigest ?? false });
  if (found.kind === 'blocked') {
    const text = `The registry ${wish.domain} is blocked by ${found.rule.file} (prefix ${found.rule.prefix})`;
    throw engineError('ENGINE_REGISTRY_BLOCKED', text);
  }
  const authorities = variableOf(variables, 'SSL_CERT_FILE') ?? AUTHORITIES.find(exists);
  return {
    endpoints: found.targets.flatMap((target) => endpointsFor(variables, target, wish)),
    proxy: proxyFrom(variables),
    ...(authorities === undefined ? {} : { authorities }),
  };
}

/** What hosts.toml puts before the target, and the target itself. */
function endpointsFor(
  variables: readonly string[],
  target: RegistryTarget,
  wish: AccessWish,
): readonly RegistryEndpoint[] {
  const { domain, repository, isMirror } = target;
  const flags = accessFlags();
  const isInsecure = target.isInsecure || flags.isInsecure;
  const own = ownEndpoint(domain);
  const given = isMirror ? undefined : flags.credentials;
  const credentials = given ?? findCredentials(variables, { domain, repository });
  const tls = insecure(findTls(variables, domain), isInsecure);
  const endpoint: RegistryEndpoint = {
    ...own,
    plainHttp: isInsecure ? 'fallback' : own.plainHttp,
    ...(isMirror ? { capabilities: ['pull', 'resolve'] } : {}),
    ...(repository === wish.repository ? {} : { repository }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(tls === undefined ? {} : { tls }),
  };
  return hostEndpoints(variables, target, endpoint);
}

function insecure(tls: TlsSettings | undefined, isInsecure: boolean): TlsSettings | undefined {
  if (!isInsecure) return tls;
  return { authorities: [], clients: [], ...tls, skipVerify: true };
}

/** The variables that curl, Go and Node agree on; the lower-case form wins. */
function proxyFrom(variables: readonly string[]): ProxySettings {
  const either = (name: string): string | undefined =>
    variableOf(variables, name.toLowerCase()) ?? variableOf(variables, name);
  const [http, https, none] = [either('HTTP_PROXY'), either('HTTPS_PROXY'), either('NO_PROXY')];
  return {
    ...(http === undefined ? {} : { http }),
    ...(https === undefined ? {} : { https }),
    ...(none === undefined ? {} : { none }),
  };
}
