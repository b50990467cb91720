import { isCortenError } from '../../pure/base/errors.ts';

/**
 * A runtime's callers know no codes, only words. containerd (pkg/process/utils.go), dockerd (daemon/errors.go),
 * podman (libpod/oci_util.go) and conmon search a failed command's text for those of runc, which are the Go
 * library's, and choose exit codes 126 and 127 by them, or take a container for gone.
 */
const OF_CODE: ReadonlyMap<string, string> = new Map([
  ['RUNTIME_NOT_RUNNING', 'container not running'],
  ['RUNTIME_PAUSED', 'cannot exec in a paused container'],
  ['RUNTIME_HOOK_FAILED', 'error running hook'],
  ['RUNTIME_CGROUP_MISSING', 'invalid configuration'],
  ['RUNTIME_CGROUP_FROZEN', "container's cgroup unexpectedly frozen"],
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

/** What --debug tells besides the steps, in words that readers of runc's log know. */
export const DEBUG_MOMENTS = {
  fork: 'Fork the process into its namespaces (nsexec container setup)',
  begin: 'The new process goes through its steps (child process in init())',
  end: 'The new process executes the program (init: closing the pipe to signal completion; setns_init: about to exec)',
} as const;
