import type { ImportRequest } from '../../pure/config/import-request.ts';
import { changeConfig } from '../../pure/store/change-config.ts';
import { parseReference } from '../../pure/store/reference.ts';
import { becomeNodeProgram } from './become-node-program.ts';
import { engineError } from './errors.ts';
import { refusedTransports } from './registries/policy.ts';
import { registryAccess } from './registries/registry-access.ts';
import type { Roots } from './roots.ts';
import { setting } from './settings.ts';
import { openInput } from './transfer/open-input.ts';

export interface Importing {
  /** A file, an http or https address, or `-` for standard input. */
  readonly source: string;
  readonly reference: string | undefined;
  readonly changes: readonly string[];
  readonly message: string | undefined;
  readonly platform: string | undefined;
}

/** Makes an image of the tar of a root file system, and ends this process with the exit code. */
export function importImage(roots: Roots, importing: Importing): never {
  const { source, reference, changes, message, platform } = importing;
  // What is wrong with the words shows before anything is read.
  if (reference !== undefined) parseReference(reference);
  changeConfig({}, changes);
  refuseByPolicy(source);
  const url = /^https?:\/\//.test(source) ? source : undefined;
  const host = url === undefined ? 'localhost' : hostOf(url);
  const { endpoints, ...rest } = registryAccess({ domain: host, repository: '' });
  const access = {
    ...rest,
    // Logins are for registries.
    endpoints: endpoints.map(({ credentials: _, ...endpoint }) => endpoint),
  };
  const request: ImportRequest = {
    source: url === undefined ? source : addressText(url),
    keepsBlobs: setting('store.keep_blobs') !== 'no',
    access,
    changes,
    ...(url === undefined ? {} : { url }),
    ...(reference === undefined ? {} : { reference }),
    ...(message === undefined ? {} : { message }),
    ...(platform === undefined ? {} : { platform }),
  };
  const readable = access.authorities === undefined ? [] : [access.authorities];
  const call = { words: ['import'], hasNetwork: url !== undefined, hasEvents: true, readable, request };
  if (url !== undefined) return becomeNodeProgram(roots, call, environ());
  return becomeNodeProgram(roots, { ...call, input: descriptorOf(source) }, environ());
}

/** A tar of files has no name of its own in policy.json: podman calls it `tarball`. */
function refuseByPolicy(source: string): void {
  if (!refusedTransports().includes('tarball')) return;
  throw engineError(
    'ENGINE_POLICY_REJECTS',
    `The tar ${source} is refused by policy.json (transport tarball)`,
  );
}

function descriptorOf(source: string): number {
  if (source === '-') return 0;
  const { file, isDirectory } = openInput(source);
  if (!isDirectory) return file.number;
  throw engineError(
    'ENGINE_ARCHIVE_MISSING',
    `The archive ${source} is a directory: a tar of it is imported`,
  );
}

/** Without a password or a signature. */
function addressText(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//').replace(/[?#][^]*$/, '');
}

function hostOf(url: string): string {
  const host = /^https?:\/\/(?:[^/@]*@)?([^/?#]+)/.exec(url)?.[1];
  if (host !== undefined) return host;
  throw engineError('ENGINE_ARCHIVE_MISSING', `The address ${url} has no host`);
}
