import type { ProgressForm } from '../../pure/config/pull-request.ts';
import { formatList } from '../../pure/store/format-list.ts';
import type { ManifestList } from '../../pure/store/manifest-lists.ts';
import type { PushListRequest } from '../../pure/store/push-list-request.ts';
import { parseReference } from '../../pure/store/reference.ts';
import { registryAccess } from './registries/registry-access.ts';
import type { Roots } from './roots.ts';
import { runNodeProgram } from './run-node-program.ts';
import { setting } from './settings.ts';

export interface PushingList {
  readonly list: ManifestList;
  readonly destination: string;
  readonly progress: ProgressForm;
}

const STANDARD_OUTPUT = 1;

/** Brings a list to a registry, with those of its images that the registry lacks. The exit code. */
export function pushManifestList(roots: Roots, { list, destination, progress }: PushingList): number {
  const accessOf = (text: string): PushListRequest['access'] => {
    const { domain, path, digest } = parseReference(text);
    return registryAccess({ domain, repository: path, hasDigest: digest !== undefined });
  };
  const access = accessOf(destination);
  const request: PushListRequest = {
    destination,
    access,
    ...formatList(list),
    images: list.images.map((image) => ({
      image,
      ...('reference' in image.source ? { access: accessOf(image.source.reference) } : {}),
    })),
    progress,
    parallel: setting('transfer.uploads'),
  };
  const readable = access.authorities === undefined ? [] : [access.authorities];
  const call = { words: ['push-list'], hasNetwork: true, hasEvents: true, readable, request };
  return runNodeProgram(roots, call, STANDARD_OUTPUT);
}
