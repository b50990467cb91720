import { isCortenError } from '../../../pure/base/errors.ts';
import { createContainer } from '../../runtime/create.ts';
import { deleteContainer, deleteEnded } from '../../runtime/delete.ts';
import type { Handler } from '../handler.ts';
import type { Places } from '../places.ts';

/** Our own runtime, in this very process. */
export const RUNT_HANDLER: Handler = {
  create: (request) => {
    const { places, spec, filter, mounts, rootfs, stdio } = request;
    return createContainer({
      root: places.runtimeRoot,
      id: places.id,
      bundle: spec.hooks === undefined ? places.directory : ociChunk().hookBundle(request),
      spec,
      filter,
      mounts,
      rootfs: { mountFd: rootfs.number },
      stdio,
      start: 'now',
      warn: () => undefined,
    });
  },
  release: ({ runtimeRoot, id }: Places, cgroups) => unlessGone(() => deleteEnded(runtimeRoot, id, cgroups)),
  remove: ({ runtimeRoot, id }: Places) =>
    unlessGone(() => deleteContainer(runtimeRoot, id, { force: true })),
};

type OciChunk = typeof import('./oci-handler.chunk.ts');

function ociChunk(): OciChunk {
  return load('monitor/handlers/oci-handler.chunk.js') as OciChunk;
}

/** False where the runtime knows no such container. */
function unlessGone(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (!isCortenError(error) || error.code !== 'RUNTIME_NOT_FOUND') throw error;
    return false;
  }
}
