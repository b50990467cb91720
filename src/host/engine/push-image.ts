import type { ProgressForm } from '../../pure/config/pull-request.ts';
import type { PushRequest } from '../../pure/config/push-request.ts';
import { storeError } from '../../pure/store/errors.ts';
import { listImages } from '../../pure/store/list-images.ts';
import { parseReference } from '../../pure/store/reference.ts';
import { becomeNodeProgram, type NodeCall } from './become-node-program.ts';
import { readingImages } from './images/host-database.ts';
import { registryAccess } from './registries/registry-access.ts';
import type { Roots } from './roots.ts';
import { runNodeProgram } from './run-node-program.ts';
import { setting } from './settings.ts';

const STANDARD_OUTPUT = 1;

export interface Pushing {
  readonly image: string;
  readonly destination: string;
  readonly progress: ProgressForm;
}

/** Brings an image to its registry, and ends this process with the exit code. */
export function pushImage(roots: Roots, pushing: Pushing): never {
  return becomeNodeProgram(roots, callFor(pushing), environ());
}

/** Brings every tag that the store has of a repository to its registry. The exit code: of the first that failed, if one did. */
export function pushAllTags(roots: Roots, repository: string, progress: ProgressForm): number {
  const { domain, path } = parseReference(repository);
  const names = readingImages(roots, [], listImages).flatMap(({ references }) => references);
  const own = names.toSorted().filter((name) => {
    const reference = parseReference(name);
    return reference.domain === domain && reference.path === path && reference.tag !== undefined;
  });
  if (own.length === 0) {
    const text = `The store has no tag of ${domain}/${path}: corten tag gives an image one`;
    throw storeError('IMAGE_NOT_FOUND', text);
  }
  const codes = own.map((name) => {
    const call = callFor({ image: name, destination: name, progress });
    return runNodeProgram(roots, call, STANDARD_OUTPUT);
  });
  return codes.find((code) => code !== 0) ?? 0;
}

function callFor(pushing: Pushing): NodeCall {
  const { domain, path } = parseReference(pushing.destination);
  const access = registryAccess({ domain, repository: path });
  const request: PushRequest = {
    ...pushing,
    parallel: setting('transfer.uploads'),
    dropsBlobs: setting('store.keep_blobs') !== 'yes',
    access,
  };
  const readable = access.authorities === undefined ? [] : [access.authorities];
  return { words: ['push'], hasNetwork: true, hasEvents: true, readable, request };
}
