import type { ProgressForm } from '../../pure/config/pull-request.ts';
import type { PushRequest } from '../../pure/config/push-request.ts';
import { parseReference } from '../../pure/store/reference.ts';
import { becomeNodeProgram } from './become-node-program.ts';
import { registryAccess } from './registries/registry-access.ts';
import type { Roots } from './roots.ts';
import { setting } from './settings.ts';

export interface Pushing {
  readonly image: string;
  readonly destination: string;
  readonly progress: ProgressForm;
}

/** Brings an image to its registry, and ends this process with the exit code. */
export function pushImage(roots: Roots, pushing: Pushing): never {
  const { domain, path } = parseReference(pushing.destination);
  const access = registryAccess({ domain, repository: path });
  const request: PushRequest = { ...pushing, parallel: setting('transfer.uploads'), access };
  const readable = access.authorities === undefined ? [] : [access.authorities];
  becomeNodeProgram(roots, { words: ['push'], hasNetwork: true, readable, request }, environ());
}
