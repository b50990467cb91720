import type { ContainerState } from '../../pure/spec/runtime-state.ts';
import { isFrozen } from './cgroup/freezer.ts';
import { rootlessModule } from './rootless/rootless.ts';
import { openStateFile, requireRecord, type StateFile } from './state/file.ts';
import { statusOf } from './state/status.ts';

/** The state of one container (runtime.md#state). Throws RUNTIME_NOT_FOUND. */
export function readState(root: string, id: string): ContainerState {
  using file = openStateFile(root, id);
  const state = file.read();
  const { ociVersion, bundle, rootfs, created, annotations, cgroups } = requireRecord(state, id);
  const { init } = state;
  const ofInit = statusOf(file, init);
  const isThere = ofInit === 'created' || ofInit === 'running';
  const pid = isThere ? (init?.pid ?? 0) : 0;
  const status = isThere && isFrozen(cgroups) ? 'paused' : ofInit;
  return { ociVersion, id, pid, status, bundle, rootfs, created, owner: ownerOf(file), annotations };
}

function ownerOf({ uid }: StateFile): string {
  return uid === 0 ? 'root' : rootlessModule().ownerName(uid);
}
