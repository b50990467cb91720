import { attempt } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { Fd, readTextIfThere } from '../../kernel/files.ts';
import type { Places } from '../../monitor/places.ts';
import { openContainer, statusOf } from '../container-status.ts';
import { engineError } from '../errors.ts';

/** Where the start time stands in /proc/PID/stat behind the name in parentheses, proc(5). */
const START_TIME = 19;

/** The network namespace of a container that runs; undefined of one that doesn't. */
export function openNetworkNamespace(places: Places): Fd | undefined {
  using directory = openContainer(places);
  if (directory === undefined) return undefined;
  const { state, journal } = statusOf(directory.number);
  if (state !== 'running' || journal.started === undefined) return undefined;
  const { pid, startTime } = journal.started;
  const result = attempt('open', `/proc/${pid}/ns/net`, O.RDONLY | O.CLOEXEC, 0);
  if (result < 0) return undefined;
  const namespace = new Fd(result);
  // Asked after it was opened: the number may have become another process's, and with it the namespace.
  if (startTimeOf(pid) === startTime) return namespace;
  namespace.close();
  return undefined;
}

export function requireNetworkNamespace(places: Places): Fd {
  const namespace = openNetworkNamespace(places);
  if (namespace !== undefined) return namespace;
  const text = `The container ${places.name} is not running, so that nothing can share its network: start it first`;
  throw engineError('ENGINE_CONTAINER_NOT_RUNNING', text);
}

function startTimeOf(pid: number): string {
  const text = readTextIfThere(`/proc/${pid}/stat`) ?? '';
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[START_TIME] ?? '';
}
