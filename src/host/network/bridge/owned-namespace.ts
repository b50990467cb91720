import { attempt, SysError, sys } from '../../kernel/call.ts';
import { CLONE, O, SIGNAL } from '../../kernel/constants.ts';
import { Fd, openFile } from '../../kernel/files.ts';
import { exit, fork, pipe, waitFor } from '../../kernel/process.ts';

/** A network namespace that belongs to a user namespace, so that a container's root there has power over it. */
export function networkNamespaceOf(userNamespace: Fd): Fd {
  const [reading, writing] = pipe();
  using told = new Fd(reading);
  using tell = new Fd(writing);
  const pid = fork();
  if (pid === 0) {
    const joined = attempt('setns', userNamespace.number, CLONE.NEWUSER);
    const result = joined < 0 ? joined : attempt('unshare', CLONE.NEWNET);
    attempt('write', tell.number, new Int32Array([result]), 4);
    // Until the parent has opened it.
    for (;;) if (attempt('nanosleep', new BigInt64Array([60n, 0n]), null) < -4) exit(1);
  }
  try {
    tell.close();
    const answer = new Int32Array([-1]);
    const isWhole = sys('read', told.number, answer, 4) === 4;
    const result = answer[0] ?? -1;
    if (!isWhole || result < 0) throw new SysError('unshare', -result, '');
    return openFile(`/proc/${pid}/ns/net`, O.RDONLY);
  } finally {
    attempt('kill', pid, SIGNAL.KILL);
    waitFor(pid);
  }
}
