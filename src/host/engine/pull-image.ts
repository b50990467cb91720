import type { ProgressForm, PullRequest } from '../../pure/config/pull-request.ts';
import { formatReference, parseReference } from '../../pure/store/reference.ts';
import { askRegistry, remoteName } from './ask-registry.ts';
import { becomeNodeProgram, type NodeCall } from './become-node-program.ts';
import { signatureWishes } from './registries/policy.ts';
import { registryAccess } from './registries/registry-access.ts';
import { meantNames } from './registries/short-names.ts';
import type { Roots } from './roots.ts';
import { runNodeProgram } from './run-node-program.ts';
import { setting } from './settings.ts';

const STANDARD_OUTPUT = 1;

export interface Pulling {
  readonly reference: string;
  readonly platform: string | undefined;
  readonly progress: ProgressForm;
}

/**
 * Brings an image from its registry into the store. Where a name may mean several, the first that can be had is
 * taken. The exit code; with one alone this process becomes the program that does it.
 */
export function pullImage(roots: Roots, pulling: Pulling): number {
  const [first, ...others] = meantNames(pulling.reference);
  if (others.length > 0) return pullBeside(roots, pulling);
  return becomeNodeProgram(roots, callFor({ ...pulling, reference: first }), environ());
}

/** As pullImage(), and this process goes on. */
export function pullBeside(roots: Roots, pulling: Pulling): number {
  const code = (reference: string): number =>
    runNodeProgram(roots, callFor({ ...pulling, reference }), STANDARD_OUTPUT);
  return meantNames(pulling.reference).some((name) => code(name) === 0) ? 0 : 1;
}

/** Brings every tag of a repository. The exit code: of the first that failed, if one did. */
export function pullAllTags(roots: Roots, pulling: Pulling): number {
  const name = remoteName(pulling.reference);
  const tags = askRegistry(roots, name, { kind: 'tags' });
  if (tags === undefined) return 1;
  const codes = tags.map((tag) => {
    const reference = `${name.domain}/${name.path}:${tag}`;
    return runNodeProgram(roots, callFor({ ...pulling, reference }), STANDARD_OUTPUT);
  });
  return codes.find((code) => code !== 0) ?? 0;
}

/** The same in a process of its own, whose output is all on standard error. The image's name in the store; undefined if it failed. */
export function pullAside(roots: Roots, pulling: Pulling): string | undefined {
  const pulled = meantNames(pulling.reference).find(
    (reference) => runNodeProgram(roots, callFor({ ...pulling, reference })) === 0,
  );
  // People go on to see what they typed, where the store knows it by that.
  return pulled === formatReference(parseReference(pulling.reference)) ? pulling.reference : pulled;
}

function callFor({ reference, platform, progress }: Pulling): NodeCall {
  const parsed = parseReference(reference);
  const { domain, path, digest } = parsed;
  const access = registryAccess({ domain, repository: path, hasDigest: digest !== undefined });
  const request: PullRequest = {
    reference,
    progress,
    parallel: setting('transfer.downloads'),
    keepsBlobs: setting('store.keep_blobs') !== 'no',
    signatures: signatureWishes(parsed),
    access,
    ...(platform === undefined ? {} : { platform }),
  };
  const readable = access.authorities === undefined ? [] : [access.authorities];
  return { words: ['pull'], hasNetwork: true, hasEvents: true, readable, request };
}
