import {
  findAuth,
  parseHelperAnswer,
  type AuthTarget,
  type FoundAuth,
} from '../../../pure/config/auth-file.ts';
import type { Credentials } from '../../../pure/config/registry-access.ts';
import { attempt } from '../../kernel/call.ts';
import { readTextIfThere } from '../../kernel/files.ts';
import { askHelper } from './credential-helper.ts';
import { variableOf } from './variable.ts';

/** What the user has for a repository, from the first file that knows something. */
export function findCredentials(variables: readonly string[], target: AuthTarget): Credentials | undefined {
  for (const path of authFiles(variables)) {
    const text = readTextIfThere(path);
    if (text === undefined) continue;
    for (const found of findAuth({ path, text }, target)) {
      const credentials = resolve(found);
      if (credentials !== undefined) return credentials;
    }
  }
  return undefined;
}

/** Where a login is kept. */
export function ownAuthFile(variables: readonly string[]): string | undefined {
  return authFiles(variables)[0];
}

/** The one that a variable names, Docker's, and podman's two (containers-auth.json(5)). */
function authFiles(variables: readonly string[]): readonly string[] {
  const named = variableOf(variables, 'REGISTRY_AUTH_FILE');
  if (named !== undefined) return [named];
  const home = variableOf(variables, 'HOME');
  const docker =
    variableOf(variables, 'DOCKER_CONFIG') ?? (home === undefined ? undefined : `${home}/.docker`);
  const config =
    variableOf(variables, 'XDG_CONFIG_HOME') ?? (home === undefined ? undefined : `${home}/.config`);
  const runtime = variableOf(variables, 'XDG_RUNTIME_DIR');
  return [
    docker === undefined ? undefined : `${docker}/config.json`,
    config === undefined ? undefined : `${config}/containers/auth.json`,
    `${runtime ?? '/run'}/containers/${runtime === undefined ? `${attempt('geteuid')}/` : ''}auth.json`,
  ].filter((path) => path !== undefined);
}

function resolve(found: FoundAuth): Credentials | undefined {
  if (found.kind !== 'helper') return found;
  const answer = askHelper(found.name, 'get', found.server);
  return answer === undefined ? undefined : parseHelperAnswer(answer, found.name);
}
