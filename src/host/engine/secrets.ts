import { isCortenError } from '../../pure/base/errors.ts';
import { readAll } from '../kernel/files.ts';
import { engineError } from './errors.ts';
import { randomId } from './names/random.ts';
import { recordStoreEvent } from './record-event.ts';
import type { Roots } from './roots.ts';
import type { Label } from './run-settings.ts';
import { openInput } from './transfer/open-input.ts';
import {
  deleteSecret,
  readSecret,
  secretNames,
  writeSecret,
  type SecretRecord,
} from './secrets/secret-files.ts';

export type { SecretRecord };

/** As podman has them: no path can be made of one. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,252}$/;
const ID_LENGTH = 25;
const LARGEST = 512_000;

export interface NewSecret {
  readonly name: string;
  readonly labels: readonly Label[];
  readonly data: Uint8Array;
  /** Whether one of the name is replaced. */
  readonly isReplacing: boolean;
}

/** Keeps a secret; its ID. Throws ENGINE_SECRET_INVALID, ENGINE_SECRET_EXISTS. */
export function createSecret(roots: Roots, { name, labels, data, isReplacing }: NewSecret): string {
  checkSecretName(name);
  if (data.length === 0 || data.length > LARGEST) {
    const text = `The secret ${name} would have ${data.length} bytes: it takes 1 to ${LARGEST}`;
    throw engineError('ENGINE_SECRET_INVALID', text);
  }
  const updated = new Date().toISOString();
  const id = randomId().slice(0, ID_LENGTH);
  const record = { version: 1, id, name, created: updated, updated, labels } as const;
  if (writeSecret(roots, record, { data, isReplacing })) {
    recordStoreEvent(roots, { type: 'secret', action: 'create', id, attributes: { name } });
    return id;
  }
  const text = `There is a secret "${name}" already: choose another name, or give --replace`;
  throw engineError('ENGINE_SECRET_EXISTS', text);
}

function checkSecretName(name: string): void {
  if (NAME.test(name)) return;
  const text = `The name "${name}" of a secret may have letters, digits, _, . and -, a letter or digit first`;
  throw engineError('ENGINE_SECRET_INVALID', text);
}

/** What a file holds, or standard input by the name of -. */
export function secretFromFile(path: string): Uint8Array {
  if (path === '-') return readAll(0);
  using file = openInput(path).file;
  return readAll(file.number);
}

/** The names of all, those that are damaged among them. */
export function allSecretNames(roots: Roots): readonly string[] {
  return secretNames(roots);
}

/** By name. */
export function listSecrets(roots: Roots): readonly SecretRecord[] {
  return secretNames(roots).flatMap((name) => readSecret(roots, name)?.record ?? []);
}

/** By its name, or the first digits of its ID. Throws ENGINE_SECRET_NOT_FOUND. */
export function findSecret(roots: Roots, wanted: string): SecretRecord {
  const named = NAME.test(wanted) ? readSecret(roots, wanted)?.record : undefined;
  if (named !== undefined) return named;
  const [found, second] = /^[0-9a-f]+$/.test(wanted)
    ? listSecrets(roots).filter(({ id }) => id.startsWith(wanted))
    : [];
  if (found !== undefined && second === undefined) return found;
  throw engineError('ENGINE_SECRET_NOT_FOUND', `There is no secret "${wanted}": corten secret ls lists them`);
}

/** In podman's shape; what it is stays inside. */
export function inspectSecret(roots: Roots, wanted: string): object {
  const { id, name, created, updated, labels } = findSecret(roots, wanted);
  return {
    ID: id,
    CreatedAt: created,
    UpdatedAt: updated,
    // Keys of strangers: Object.fromEntries defines them as own properties, whatever they are called.
    Spec: { Name: name, Driver: { Name: 'file', Options: {} }, Labels: Object.fromEntries(labels) },
  };
}

/** What containers that run have of it stays. Throws ENGINE_SECRET_NOT_FOUND. */
export function removeSecret(roots: Roots, wanted: string): void {
  const { id, name } = idOf(roots, wanted);
  deleteSecret(roots, name);
  recordStoreEvent(roots, { type: 'secret', action: 'remove', id, attributes: { name } });
}

/** Of one that is damaged only the name is known. */
function idOf(roots: Roots, wanted: string): Pick<SecretRecord, 'id' | 'name'> {
  try {
    return findSecret(roots, wanted);
  } catch (error) {
    if (isCortenError(error) && error.code === 'ENGINE_SECRET_DAMAGED' && secretNames(roots).includes(wanted))
      return { id: wanted, name: wanted };
    throw error;
  }
}
