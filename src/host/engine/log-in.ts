import type { LoginRequest } from '../../pure/config/login-request.ts';
import { registryVariables } from './access-flags.ts';
import { eraseLogin, saveLogin, type Login } from './registries/auth-store.ts';
import { findCredentials } from './registries/credentials.ts';
import { registryAccess } from './registries/registry-access.ts';
import type { Roots } from './roots.ts';
import { runNodeProgram } from './run-node-program.ts';

export interface LoginWish extends Login {
  /** Host, and port if any. */
  readonly domain: string;
}

/** Tries a login, and keeps it if the registry lets it in. Where it was kept; undefined when it was refused, which was told. */
export function logIn(roots: Roots, { domain, ...login }: LoginWish): string | undefined {
  const access = registryAccess({ domain, repository: '' });
  const own = access.endpoints.slice(-1);
  const endpoints = own.map((endpoint) => ({
    ...endpoint,
    credentials: { kind: 'password' as const, ...login },
  }));
  const request: LoginRequest = { access: { ...access, endpoints } };
  const readable = access.authorities === undefined ? [] : [access.authorities];
  const code = runNodeProgram(roots, { words: ['login'], hasNetwork: true, readable, request });
  return code === 0 ? saveLogin(registryVariables(), domain, login) : undefined;
}

/** Forgets a login; false where there was none. */
export function logOut(domain: string): boolean {
  return eraseLogin(registryVariables(), domain);
}

/** Whose login is kept for a registry. */
export function loggedInAs(domain: string): string | undefined {
  const credentials = findCredentials(registryVariables(), { domain, repository: '' });
  return credentials?.kind === 'password' ? credentials.username : undefined;
}
