/** Which images may come in, as podman's policy.json says (containers-policy.json(5)). */
import { JsonFields } from '../base/json-fields.ts';
import { configError } from './errors.ts';
import type { ConfigFile } from './registries-conf.ts';
import type { SignedIdentity } from './signature-wish.ts';

/** A public key: PEM in a file, or in base64 in the policy itself. */
export type KeySource = { readonly path: string } | { readonly data: string };

export type Requirement =
  | { readonly kind: 'accept' }
  | { readonly kind: 'reject' }
  /** A sigstore signature by one of the keys. */
  | { readonly kind: 'sigstore'; readonly keys: readonly KeySource[]; readonly identity: SignedIdentity }
  /** What isn't checked here, by its name. */
  | { readonly kind: 'unsupported'; readonly what: string };

export interface Policy {
  /** The file that says so. */
  readonly file: string;
  readonly standard: readonly Requirement[];
  /** By transport (`docker`, `docker-archive`, …), then by scope; the scope '' is the transport's own standard. */
  readonly transports: ReadonlyMap<string, ReadonlyMap<string, readonly Requirement[]>>;
}

export function parsePolicy({ path, content }: ConfigFile): Policy {
  const fault = (field: string, what: string): Error =>
    configError('CONFIG_INVALID', `Field ${field === '' ? 'of the top' : field} of the file ${path} ${what}`);
  const root = new JsonFields(content, '', fault);
  refuseOthers(root, ['default', 'transports']);
  if (!root.has('default')) throw root.fault('default', 'is missing');
  const transports = root.object('transports');
  const parsed = (transports?.names() ?? []).map((name) => {
    const scopes = transports?.object(name);
    const entries = (scopes?.names() ?? []).map((scope) => [scope, requirementsOf(scopes, scope)] as const);
    return [name, new Map(entries)] as const;
  });
  return { file: path, standard: requirementsOf(root, 'default'), transports: new Map(parsed) };
}

/** What is required of an image; `scopes` are the names that it may be meant by, the most particular first. */
export function requirementsFor(
  { standard, transports }: Policy,
  transport: string,
  scopes: readonly string[],
): readonly Requirement[] {
  const known = transports.get(transport);
  const scope = [...scopes, ''].find((name) => known?.has(name) === true);
  return (scope === undefined ? undefined : known?.get(scope)) ?? standard;
}

/** The scopes of a name in a registry: itself, its repository, what is around that, the host, `*.` and domains around it. */
export function scopesOf(domain: string, path: string, suffix: string): readonly string[] {
  const parts = path.split('/');
  const around = parts.map((_, index) => [domain, ...parts.slice(0, parts.length - index)].join('/'));
  const labels = domain.replace(/:\d+$/, '').split('.');
  const wildcards = labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`);
  return [`${domain}/${path}${suffix}`, ...around, domain, ...wildcards];
}

/** As podman does: none at all would be no rule, but a mistake. */
function requirementsOf(fields: JsonFields | undefined, key: string): readonly Requirement[] {
  const list = fields?.objects(key) ?? [];
  if (fields !== undefined && list.length === 0) throw fields.fault(key, 'has no requirement: reject is one');
  return list.map(requirementOf);
}

function requirementOf(fields: JsonFields): Requirement {
  const type = fields.requiredString('type');
  switch (type) {
    case 'insecureAcceptAnything':
      refuseOthers(fields, ['type']);
      return { kind: 'accept' };
    case 'reject':
      refuseOthers(fields, ['type']);
      return { kind: 'reject' };
    case 'signedBy':
      return { kind: 'unsupported', what: 'a signature by GPG (signedBy)' };
    case 'sigstoreSigned':
      return sigstoreOf(fields);
    default:
      throw fields.fault(
        'type',
        `is ${JSON.stringify(type.slice(0, 40))}, which is none of insecureAcceptAnything, reject, signedBy and sigstoreSigned`,
      );
  }
}

const SIGSTORE = ['type', 'keyPath', 'keyPaths', 'keyData', 'keyDatas', 'signedIdentity'];
const TRANSPARENCY = [
  'fulcio',
  'pki',
  'rekorPublicKeyPath',
  'rekorPublicKeyPaths',
  'rekorPublicKeyData',
  'rekorPublicKeyDatas',
];

function sigstoreOf(fields: JsonFields): Requirement {
  const asked = TRANSPARENCY.find((name) => fields.has(name));
  if (asked !== undefined) return { kind: 'unsupported', what: `${asked} of sigstoreSigned` };
  refuseOthers(fields, SIGSTORE);
  const one = (key: string): readonly string[] => (fields.has(key) ? [fields.requiredString(key)] : []);
  const keys: readonly KeySource[] = [
    ...[...one('keyPath'), ...fields.strings('keyPaths')].map((path) => ({ path })),
    ...[...one('keyData'), ...fields.strings('keyDatas')].map((data) => ({ data })),
  ];
  if (keys.length === 0) throw fields.fault('keyPath', 'is missing, and keyData too');
  return { kind: 'sigstore', keys, identity: identityOf(fields.object('signedIdentity')) };
}

function identityOf(fields: JsonFields | undefined): SignedIdentity {
  if (fields === undefined) return { type: 'matchRepoDigestOrExact' };
  const type = fields.requiredString('type');
  switch (type) {
    case 'matchExact':
    case 'matchRepoDigestOrExact':
    case 'matchRepository':
      return { type };
    case 'exactReference':
      return { type, reference: fields.requiredString('dockerReference') };
    case 'exactRepository':
      return { type, repository: fields.requiredString('dockerRepository') };
    case 'remapIdentity':
      return {
        type,
        prefix: fields.requiredString('prefix'),
        signedPrefix: fields.requiredString('signedPrefix'),
      };
    default:
      throw fields.fault('type', `is ${JSON.stringify(type.slice(0, 40))}, which is no kind of identity`);
  }
}

/** A word that isn't known may be a rule that would be left out. */
function refuseOthers(fields: JsonFields, known: readonly string[]): void {
  const other = fields.names().find((name) => !known.includes(name));
  if (other !== undefined) throw fields.fault(other, 'is not known');
}
