import type { ContainerState } from '../../pure/spec/runtime-state.ts';
import type { Fd } from '../kernel/files.ts';
import { statusOf as fileStatusOf } from '../kernel/stat.ts';
import { isFrozen } from './cgroup/freezer.ts';
import { rootlessModule } from './rootless/rootless.ts';
import { openDirectory, requireRecord } from './state/directory.ts';
import { readStateFile } from './state/record.ts';
import { statusOf } from './state/status.ts';

/** The state of one container (runtime.md#state). Throws RUNTIME_NOT_FOUND. */
export function readState(root: string, id: string): ContainerState {
  using directory = openDirectory(root, id);
  const state = readStateFile(directory);
  const { ociVersion, bundle, rootfs, created, annotations, cgroups } = requireRecord(state, id);
  const { init } = state;
  const ofInit = statusOf(directory, init);
  const isThere = ofInit === 'created' || ofInit === 'running';
  const pid = isThere ? (init?.pid ?? 0) : 0;
  const status = isThere && isFrozen(cgroups) ? 'paused' : ofInit;
  return { ociVersion, id, pid, status, bundle, rootfs, created, owner: ownerOf(directory), annotations };
}

function ownerOf(directory: Fd): string {
  const { uid } = fileStatusOf(directory.number);
  return uid === 0 ? 'root' : rootlessModule().ownerName(uid);
}
