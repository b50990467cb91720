import type { AuthTarget } from '../../../pure/config/auth-file.ts';
import {
  ownEndpoint,
  type ProxySettings,
  type RegistryAccess,
} from '../../../pure/config/registry-access.ts';
import { exists } from '../../monitor/places.ts';
import { findTls } from './certificates.ts';
import { findCredentials } from './credentials.ts';
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

/** How the registry of a repository is reached, whose domain is `docker.io` or `localhost:5000`. */
export function registryAccess(target: AuthTarget): RegistryAccess {
  const variables = environ();
  const credentials = findCredentials(variables, target);
  const tls = findTls(variables, target.domain);
  const authorities = variableOf(variables, 'SSL_CERT_FILE') ?? AUTHORITIES.find(exists);
  return {
    endpoints: [
      {
        ...ownEndpoint(target.domain),
        ...(credentials === undefined ? {} : { credentials }),
        ...(tls === undefined ? {} : { tls }),
      },
    ],
    proxy: proxyFrom(variables),
    ...(authorities === undefined ? {} : { authorities }),
  };
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
