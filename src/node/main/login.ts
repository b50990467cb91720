import type { LoginRequest } from '../../pure/config/login-request.ts';
import { checkLogin } from '../registry/check-login.ts';
import { Registry } from '../registry/registry.ts';
import { readRequest } from './read-request.ts';
import type { VerbContext } from './verb-context.ts';

/** `login`: tries credentials, which come on standard input; exit code 0 if the registry lets them in. */
export async function login(_args: readonly string[], { signal }: VerbContext): Promise<number> {
  const { access } = readRequest<LoginRequest>();
  using registry = new Registry({ access, repository: '', signal });
  await checkLogin(registry.own);
  return 0;
}
