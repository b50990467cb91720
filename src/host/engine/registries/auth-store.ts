import { toBase64 } from '../../../pure/base/base64.ts';
import {
  helperFor,
  serverOf,
  withLogin,
  withoutLogin,
  type AuthFile,
} from '../../../pure/config/auth-file.ts';
import { makeDirectories, readTextIfThere, replaceDurably } from '../../kernel/files.ts';
import { engineError } from '../errors.ts';
import { canonicalPath } from '../node/trusted.ts';
import { askHelper } from './credential-helper.ts';
import { ownAuthFile } from './credentials.ts';

const PRIVATE = 0o700;

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** Keeps a login where Docker keeps it: in the helper that the configuration names, or the file. Returns which. */
export function saveLogin(variables: readonly string[], domain: string, login: Login): string {
  const file = openAuthFile(variables);
  const helper = helperFor(file, domain);
  const server = serverOf(domain);
  if (helper === undefined) {
    write(file.path, withLogin(file, domain, { auth: toBase64(`${login.username}:${login.password}`) }));
    return file.path;
  }
  const { username: Username, password: Secret } = login;
  askHelper(helper, 'store', JSON.stringify({ ServerURL: server, Username, Secret }));
  write(file.path, withLogin(file, domain, {}));
  return `docker-credential-${helper}`;
}

/** Forgets a login; false where none was kept. */
export function eraseLogin(variables: readonly string[], domain: string): boolean {
  const file = openAuthFile(variables);
  const helper = helperFor(file, domain);
  if (helper !== undefined) askHelper(helper, 'erase', serverOf(domain));
  const text = withoutLogin(file, domain);
  if (text !== undefined) write(file.path, text);
  return text !== undefined || helper !== undefined;
}

function openAuthFile(variables: readonly string[]): AuthFile {
  const path = ownAuthFile(variables);
  if (path === undefined) {
    const text = 'There is no place for the login: set HOME, or name a file by REGISTRY_AUTH_FILE';
    throw engineError('ENGINE_HOME_MISSING', text);
  }
  // A link is kept: what it leads to is replaced.
  const real = canonicalPath(path) ?? path;
  return { path: real, text: readTextIfThere(real) ?? '' };
}

function write(path: string, text: string): void {
  makeDirectories(path.slice(0, path.lastIndexOf('/')), PRIVATE);
  replaceDurably(path, text);
}
