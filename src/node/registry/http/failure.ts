import { registryError } from '../errors.ts';

/** What OpenSSL and Node say of a certificate that they don't accept. */
const CERTIFICATE =
  /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|ERR_TLS_CERT_ALTNAME)/;
/** Nothing answers, or nothing that ever will: another try in a second would be the same. */
const FINAL = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EACCES', 'EPERM', 'ENETUNREACH', 'EHOSTUNREACH']);

/** A connection that failed or ended early: another try may do. */
export class CutConnection extends Error {
  readonly isCutConnection = true;

  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'CutConnection';
  }
}

export function isCutConnection(error: unknown): error is CutConnection {
  return typeof error === 'object' && error !== null && 'isCutConnection' in error;
}

/** The peer speaks something, but not TLS. */
export function isNotTls(error: unknown): boolean {
  const code = codeOf(error);
  return (
    code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG'
  );
}

/** What Node says of a request that failed, as an error for people or one that is worth another try. */
export function explainFailure(error: unknown, host: string): Error {
  const code = codeOf(error);
  // OpenSSL's own words have a line break.
  const words = (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ').trim();
  const details = { cause: error, data: { host } };
  if (CERTIFICATE.test(code)) {
    const text = `The certificate of ${host} is not trusted (${words}): add its authority as /etc/containers/certs.d/${host}/ca.crt`;
    return registryError('REGISTRY_UNTRUSTED', text, details);
  }
  if (code.startsWith('HPE_')) {
    const text = `The answer of ${host} is no HTTP that can be read (${words})`;
    return registryError('REGISTRY_ANSWER_INVALID', text, details);
  }
  if (isNotTls(error)) {
    const text = `The registry ${host} speaks no TLS (${words}): plain HTTP has to be allowed by configuration`;
    return registryError('REGISTRY_UNREACHABLE', text, details);
  }
  if (FINAL.has(code) || code.startsWith('ERR_INVALID_')) {
    return registryError('REGISTRY_UNREACHABLE', `The registry ${host} can't be reached: ${words}`, details);
  }
  return new CutConnection(`the connection to ${host} failed: ${words || code}`, error);
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
