import { fromBase64 } from '../../../pure/base/base64.ts';
import { parseJson, type Json } from '../../../pure/base/json.ts';
import { configError } from '../../../pure/config/errors.ts';
import {
  parsePolicy,
  requirementsFor,
  scopesOf,
  type KeySource,
  type Policy,
  type Requirement,
} from '../../../pure/config/policy.ts';
import type { SignatureWish } from '../../../pure/config/signature-wish.ts';
import type { Reference } from '../../../pure/store/reference.ts';
import { readText } from '../../kernel/files.ts';
import { exists } from '../../monitor/places.ts';
import { engineError } from '../errors.ts';
import { setting } from '../settings.ts';
import { readCertificate } from './certificates.ts';
import { variableOf } from './variable.ts';

/** Signatures that an image of a registry has to have. Throws ENGINE_POLICY_REJECTS, ENGINE_POLICY_UNSUPPORTED. */
export function signatureWishes(reference: Reference): readonly SignatureWish[] {
  const policy = readPolicy(environ());
  if (policy === undefined) return [];
  const { domain, path, tag, digest } = reference;
  const suffix = digest === undefined ? `:${tag ?? 'latest'}` : `@${digest}`;
  const requirements = requirementsFor(policy, 'docker', scopesOf(domain, path, suffix));
  return requirements.flatMap((one) => wishOf(policy, `${domain}/${path}${suffix}`, one));
}

function wishOf(policy: Policy, name: string, requirement: Requirement): readonly SignatureWish[] {
  if (requirement.kind === 'accept') return [];
  if (requirement.kind === 'reject') {
    throw engineError('ENGINE_POLICY_REJECTS', `The image ${name} is refused by ${policy.file}`);
  }
  if (requirement.kind === 'unsupported') throw unsupported(policy, name, requirement.what);
  const keys = requirement.keys.map((key) => keyText(policy, key));
  return [{ keys, identity: requirement.identity, file: policy.file }];
}

function unsupported({ file }: Policy, name: string, what: string): Error {
  const text = `The image ${name} needs ${what} by ${file}, which this version can't check: a key of sigstoreSigned can be`;
  return engineError('ENGINE_POLICY_UNSUPPORTED', text);
}

function keyText({ file }: Policy, key: KeySource): string {
  if ('path' in key) return readCertificate(key.path);
  const text = fromBase64(key.data);
  if (text !== undefined) return text;
  throw configError('CONFIG_INVALID', `Field keyData of the file ${file} is no base64`);
}

/** What images that come in as archives or directories are refused as: transports of policy.json. */
export function refusedTransports(): readonly string[] {
  const policy = readPolicy(environ());
  if (policy === undefined) return [];
  const names = ['docker-archive', 'oci-archive', 'oci', 'dir', 'tarball'];
  return names.filter((name) => requirementsFor(policy, name, []).some(({ kind }) => kind !== 'accept'));
}

/** The file that a setting names, the user's, or the machine's; undefined where there is none. */
export function policyFile(variables: readonly string[]): string | undefined {
  const named = setting('signatures.policy');
  if (named !== '') return named;
  const home = variableOf(variables, 'HOME');
  const own = home === undefined ? [] : [`${home}/.config/containers/policy.json`];
  return [...own, '/etc/containers/policy.json'].find(exists);
}

function readPolicy(variables: readonly string[]): Policy | undefined {
  const path = policyFile(variables);
  return path === undefined ? undefined : parsePolicy({ path, content: parse(readText(path), path) });
}

function parse(text: string, path: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw configError('CONFIG_INVALID', `The file ${path} is not JSON`);
  }
}
