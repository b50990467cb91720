import type { ClientCertificate, TlsSettings } from '../../../pure/config/registry-access.ts';
import { isSysError } from '../../kernel/call.ts';
import { readDirectory, readText } from '../../kernel/files.ts';
import { accessFlags } from '../access-flags.ts';
import { engineError } from '../errors.ts';
import { variableOf } from './variable.ts';

/**
 * What `certs.d` folders hold for a registry (containers-certs.d(5); Docker's are the same): authorities in `*.crt`,
 * a client's certificate in `*.cert` and its key in a `*.key` of that name. Undefined where there is nothing.
 */
export function findTls(variables: readonly string[], host: string): TlsSettings | undefined {
  const files = foldersFor(variables, host).flatMap(filesIn);
  const authorities = files.filter((path) => path.endsWith('.crt')).map(readCertificate);
  const clients = files.filter((path) => path.endsWith('.cert')).map((path) => clientOf(path, files));
  if (authorities.length === 0 && clients.length === 0) return undefined;
  return { authorities, clients, skipVerify: false };
}

function foldersFor(variables: readonly string[], host: string): readonly string[] {
  const { certificates } = accessFlags();
  if (certificates !== undefined) return [certificates];
  const home = variableOf(variables, 'HOME');
  const own = home === undefined ? [] : [`${home}/.config/containers/certs.d`];
  return [...own, '/etc/containers/certs.d', '/etc/docker/certs.d'].map((folder) => `${folder}/${host}`);
}

function filesIn(folder: string): readonly string[] {
  try {
    return readDirectory(folder)
      .toSorted()
      .map((name) => `${folder}/${name}`);
  } catch (error) {
    if (isSysError(error, 'ENOENT') || isSysError(error, 'ENOTDIR')) return [];
    throw error;
  }
}

function clientOf(path: string, files: readonly string[]): ClientCertificate {
  const key = path.replace(/\.cert$/, '.key');
  if (files.includes(key)) return { certificate: readCertificate(path), key: readCertificate(key) };
  throw engineError(
    'ENGINE_CERTIFICATE',
    `The client's certificate ${path} has no key: it belongs in ${key}`,
  );
}

/** The text of a certificate or key. Throws ENGINE_CERTIFICATE. */
export function readCertificate(path: string): string {
  try {
    return readText(path);
  } catch (error) {
    if (!isSysError(error)) throw error;
    throw engineError('ENGINE_CERTIFICATE', `The certificate ${path} can't be read: ${error.message}`, error);
  }
}
