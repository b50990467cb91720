import type { ProgressForm, PullRequest } from '../../pure/config/pull-request.ts';
import { parseReference } from '../../pure/store/reference.ts';
import { becomeNodeProgram, type NodeCall } from './become-node-program.ts';
import { recordStoreEvent } from './record-event.ts';
import { registryAccess } from './registries/registry-access.ts';
import type { Roots } from './roots.ts';
import { runNodeProgram } from './run-node-program.ts';

export interface Pulling {
  readonly reference: string;
  readonly platform: string | undefined;
  readonly progress: ProgressForm;
}

/** Brings an image from its registry into the store, and ends this process with the exit code. */
export function pullImage(roots: Roots, pulling: Pulling): never {
  becomeNodeProgram(roots, callFor(pulling), environ());
}

/** The same in a process of its own, whose output is all on standard error. The exit code. */
export function pullAside(roots: Roots, pulling: Pulling): number {
  const code = runNodeProgram(roots, callFor(pulling));
  const { reference } = pulling;
  if (code === 0)
    recordStoreEvent(roots, {
      type: 'image',
      action: 'pull',
      id: reference,
      attributes: { name: reference },
    });
  return code;
}

function callFor({ reference, platform, progress }: Pulling): NodeCall {
  const { domain, path } = parseReference(reference);
  const access = registryAccess({ domain, repository: path });
  const request: PullRequest = {
    reference,
    progress,
    access,
    ...(platform === undefined ? {} : { platform }),
  };
  const readable = access.authorities === undefined ? [] : [access.authorities];
  return { words: ['pull'], hasNetwork: true, readable, request };
}
