import { attempt } from '../kernel/call.ts';
import { O } from '../kernel/constants.ts';
import { openAt, type Fd } from '../kernel/files.ts';
import { COPY_FOLDER } from './forms/copy-folder.ts';
import { UPPER_FOLDER } from './mounts/upper.ts';

/** What a container has written. */
export interface Written {
  readonly folder: Fd;
  /** A whole copy of its image with the changes, where the store has no overlay. */
  readonly isCopy: boolean;
}

/** Of a container's open directory; undefined for one that was never started. */
export function openWritten(directory: number): Written | undefined {
  for (const name of [UPPER_FOLDER, COPY_FOLDER]) {
    if (attempt('faccessat', directory, name, 0) < 0) continue;
    return {
      folder: openAt(directory, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW),
      isCopy: name === COPY_FOLDER,
    };
  }
  return undefined;
}
