import type { ContainerState } from '../../pure/spec/runtime-state.ts';
import type { Fd } from '../kernel/files.ts';
import { statusOf as fileStatusOf } from '../kernel/stat.ts';
import { openDirectory, requireRecord } from './state/directory.ts';
import { statusOf } from './state/status.ts';

/** The state of one container (runtime.md#state). Throws RUNTIME_NOT_FOUND. */
export function readState(root: string, id: string): ContainerState {
  using directory = openDirectory(root, id);
  return stateIn(directory, id);
}

function stateIn(directory: Fd, id: string): ContainerState {
  const { ociVersion, bundle, rootfs, created, annotations } = requireRecord(directory, id);
  const { status, init } = statusOf(directory);
  const pid = status === 'created' || status === 'running' ? (init?.pid ?? 0) : 0;
  return { ociVersion, id, pid, status, bundle, rootfs, created, owner: ownerOf(directory), annotations };
}

function ownerOf(directory: Fd): string {
  const { uid } = fileStatusOf(directory.number);
  return uid === 0 ? 'root' : `#${uid}`;
}
