import type { Mount, Spec } from '../../../../pure/spec/runtime.ts';
import { isSysError, sys } from '../../../kernel/call.ts';
import { MOUNT_ATTR, O } from '../../../kernel/constants.ts';
import { openAt, writeAll, type Fd } from '../../../kernel/files.ts';
import { cloneTree, newMount } from '../../../kernel/mounts.ts';
import { engineError } from '../../errors.ts';
import type { Roots } from '../../roots.ts';
import type { SecretSetting } from '../../run-settings.ts';
import { readSecret } from '../../secrets/secret-files.ts';

export interface Revealing {
  readonly roots: Roots;
  readonly secrets: readonly SecretSetting[];
  /** Gets detached mounts, by the places where they are to be. */
  readonly mounts: Map<string, Fd>;
}

/** With the secrets as files in memory of the container's own, or as variables. Throws ENGINE_SECRET_NOT_FOUND. */
export function withSecrets(spec: Spec, revealing: Revealing): Spec {
  const { secrets } = revealing;
  if (secrets.length === 0) return spec;
  const files = secrets.filter(({ type }) => type === 'mount').map((secret) => fileOf(secret, revealing));
  const variables = secrets
    .filter(({ type }) => type === 'env')
    .map((secret) => variableOf(secret, revealing));
  return {
    ...spec,
    process: { ...spec.process, env: [...spec.process.env, ...variables] },
    mounts: [...spec.mounts, ...files],
  };
}

function fileOf(secret: SecretSetting, revealing: Revealing): Mount {
  const { target: destination, uid, gid, mode } = secret;
  const attributes = MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC;
  using memory = newMount({ type: 'tmpfs', parameters: { size: '1m', mode: '0700' }, attributes });
  using file = openAt(memory.number, 'secret', O.WRONLY | O.CREAT | O.EXCL, 0o600);
  writeAll(file.number, dataOf(secret, revealing));
  sys('fchown', file.number, uid, gid);
  sys('fchmod', file.number, mode);
  revealing.mounts.set(destination, partOf(memory, secret));
  const options = ['bind', 'private', 'ro', 'nosuid', 'nodev', 'noexec'];
  return { destination, type: 'bind', source: `secret ${secret.name}`, options };
}

/** Since Linux 6.15 a detached mount can be copied. */
function partOf(memory: Fd, { name }: SecretSetting): Fd {
  try {
    return cloneTree(memory.number, 'secret', false);
  } catch (error) {
    if (!isSysError(error, 'EINVAL')) throw error;
    const text = `The secret ${name} can't be a file before Linux 6.15: give it with type=env`;
    throw engineError('ENGINE_SECRET_INVALID', text, error);
  }
}

function variableOf(secret: SecretSetting, revealing: Revealing): string {
  const data = dataOf(secret, revealing);
  if (!data.includes(0)) return `${secret.target}=${utf8(data, 0, data.length)}`;
  const text = `The secret ${secret.name} has a zero byte, which no variable can have: give it with type=mount`;
  throw engineError('ENGINE_SECRET_INVALID', text);
}

function dataOf({ name }: SecretSetting, { roots }: Revealing): Uint8Array {
  const secret = readSecret(roots, name);
  if (secret !== undefined) return secret.data;
  const text = `The secret ${name} of this container is there no more: create it again by corten secret create ${name}`;
  throw engineError('ENGINE_SECRET_NOT_FOUND', text);
}
