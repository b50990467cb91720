import { isSysError } from '../kernel/call.ts';
import { readText } from '../kernel/files.ts';
import { usageError } from './corten-context.ts';

const LONGEST = 4096;

/** The ID in a file that `pod create --pod-id-file` wrote. */
export function podIdIn(path: string): string {
  try {
    return readText(path, LONGEST).trim();
  } catch (error) {
    if (error instanceof RangeError)
      throw usageError(`The file ${path} of --pod-id-file holds no ID of a pod`);
    if (!isSysError(error)) throw error;
    throw usageError(`The file ${path} of --pod-id-file can't be read: ${error.message}`);
  }
}
