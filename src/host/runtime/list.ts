import { isCortenError } from '../../pure/base/errors.ts';
import type { ContainerState } from '../../pure/spec/runtime-state.ts';
import { isSysError } from '../kernel/call.ts';
import { readDirectory } from '../kernel/files.ts';
import { readState } from './state.ts';

/** All containers of a state directory, by name; what is being made or removed right now is left out. */
export function listContainers(root: string): readonly ContainerState[] {
  return namesIn(root)
    .filter((name) => !name.includes(':'))
    .toSorted()
    .flatMap((id) => {
      try {
        return [readState(root, id)];
      } catch (error) {
        if (isCortenError(error) || isSysError(error, 'ENOENT', 'ENOTDIR')) return [];
        throw error;
      }
    });
}

function namesIn(root: string): readonly string[] {
  try {
    return readDirectory(root);
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return [];
    throw error;
  }
}
