import { fromRecord, isCortenError, type ErrorRecord } from '../../../pure/base/errors.ts';
import { sys } from '../../kernel/call.ts';
import { CLONE, MS } from '../../kernel/constants.ts';
import { encode, type Fd } from '../../kernel/files.ts';
import { exit, fork, waitFor } from '../../kernel/process.ts';
import { receiveMessage, sendMessage, socketPair } from '../../kernel/sockets.ts';
import { snapshotError } from '../errors.ts';

const DESCRIPTOR = new Uint8Array([0x44]);

/**
 * Runs `work` in a process with a mount namespace of its own, in which nothing it mounts is seen by others, and
 * gives the descriptors that it answers to this process. Only what is detached outlives that namespace.
 */
export function inPrivateNamespace(work: () => readonly Fd[]): readonly Fd[] {
  const [ours, theirs] = socketPair();
  using _ours = ours;
  const pid = fork();
  if (pid === 0) child(theirs, work);
  theirs.close();
  const received: Fd[] = [];
  let failure: Error | undefined;
  for (
    let message = receiveMessage(ours.number);
    message !== undefined;
    message = receiveMessage(ours.number)
  ) {
    if (message.descriptor !== undefined) received.push(message.descriptor);
    else failure = fromRecord(JSON.parse(utf8(message.content)) as ErrorRecord);
  }
  if (waitFor(pid) === 0 && failure === undefined) return received;
  for (const fd of received) fd.close();
  throw (
    failure ?? snapshotError('SNAPSHOT_HELPER_DIED', 'The process that mounts for this container was killed')
  );
}

/** Nothing it throws may reach the parent's frames. */
function child(socket: Fd, work: () => readonly Fd[]): never {
  try {
    sys('unshare', CLONE.NEWNS);
    sys('mount', 'none', '/', null, MS.REC | MS.PRIVATE, null);
    for (const fd of work()) sendMessage(socket.number, DESCRIPTOR, fd.number);
    exit(0);
  } catch (error) {
    sendMessage(socket.number, encode(JSON.stringify(recordOf(error))));
  } finally {
    exit(1);
  }
}

function recordOf(error: unknown): ErrorRecord {
  if (isCortenError(error)) return error.toJSON();
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'internal', code: 'SNAPSHOT_HELPER_DIED', message: `Mount for the container: ${message}` };
}
