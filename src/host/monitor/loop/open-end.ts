import { attempt, attemptAlone, sys } from '../../kernel/call.ts';
import { O, SIGNAL } from '../../kernel/constants.ts';
import { signalSet } from '../../kernel/signals.ts';

/** struct signalfd_siginfo, signalfd(2). */
const SIGNAL_SIZE = 128;

/** What is readable when a child has ended: a descriptor of it, or before Linux 5.3 one of the signal, which is blocked here. */
export function openEndOf(pid: number): number {
  const result = attemptAlone('pidfd_open', pid, 0);
  return result >= 0 ? result : sys('signalfd4', -1, signalSet([SIGNAL.CHLD]), 8, O.CLOEXEC | O.NONBLOCK);
}

/** Takes the signal, where that is what comes: before anybody looks after the child, so that no end is missed. */
export function takeEnd(fd: number): void {
  attempt('read', fd, new Uint8Array(SIGNAL_SIZE), SIGNAL_SIZE);
}
