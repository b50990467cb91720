import {
  ownEndpoint,
  type ProxySettings,
  type RegistryAccess,
} from '../../../pure/config/registry-access.ts';
import { exists } from '../../monitor/places.ts';

/** Where distributions keep the authorities that the machine trusts, as Go's crypto/x509 looks for them. */
const AUTHORITIES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** How the registry of a domain (`docker.io`, `localhost:5000`) is reached. */
export function registryAccess(domain: string): RegistryAccess {
  const variables = environ();
  const authorities = valueOf(variables, 'SSL_CERT_FILE') ?? AUTHORITIES.find(exists);
  return {
    endpoints: [ownEndpoint(domain)],
    proxy: proxyFrom(variables),
    ...(authorities === undefined ? {} : { authorities }),
  };
}

/** The variables that curl, Go and Node agree on; the lower-case form wins. */
function proxyFrom(variables: readonly string[]): ProxySettings {
  const either = (name: string): string | undefined =>
    valueOf(variables, name.toLowerCase()) ?? valueOf(variables, name);
  const [http, https, none] = [either('HTTP_PROXY'), either('HTTPS_PROXY'), either('NO_PROXY')];
  return {
    ...(http === undefined ? {} : { http }),
    ...(https === undefined ? {} : { https }),
    ...(none === undefined ? {} : { none }),
  };
}

function valueOf(variables: readonly string[], name: string): string | undefined {
  const text = variables.find((variable) => variable.startsWith(`${name}=`))?.slice(name.length + 1);
  return text === '' ? undefined : text;
}
