import { isCortenError } from '../../pure/base/errors.ts';

/**
 * A runtime's callers know no codes, only words. containerd (pkg/process/utils.go), dockerd (daemon/errors.go),
 * podman (libpod/oci_util.go) and conmon search a failed command's text for those of runc, which are the Go
 * library's, and choose exit codes 126 and 127 by them, or take a container for gone.
 */
const OF_CODE: ReadonlyMap<string, string> = new Map([
  ['RUNTIME_NOT_RUNNING', 'container not running'],
  ['RUNTIME_EXEC_NOT_FOUND', 'executable file not found in $PATH: no such file or directory'],
]);

const OF_ERRNO: ReadonlyMap<string, string> = new Map([
  ['EPERM', 'operation not permitted'],
  ['ENOENT', 'no such file or directory'],
  ['ESRCH', 'no such process'],
  ['ENOMEM', 'cannot allocate memory'],
  ['EACCES', 'permission denied'],
  ['EBUSY', 'device or resource busy'],
  ['EEXIST', 'file exists'],
  ['ENOTDIR', 'not a directory'],
  ['EISDIR', 'is a directory'],
  ['EINVAL', 'invalid argument'],
  ['ENOSPC', 'no space left on device'],
  ['ENOEXEC', 'exec format error'],
]);

/** The sentence of a failure, followed in parentheses by the words that callers search for. */
export function withPeerWords(message: string, error: unknown): string {
  const ofCode = isCortenError(error) ? OF_CODE.get(error.code) : undefined;
  const words = ofCode ?? OF_ERRNO.get(/\bE[A-Z]{3,}\b/.exec(message)?.[0] ?? '');
  return words === undefined || message.includes(words) ? message : `${message} (${words})`;
}
