import { attempt } from '../kernel/call.ts';
import { SIGNAL, WNOHANG } from '../kernel/constants.ts';
import type { Fd } from '../kernel/files.ts';
import { exitCode } from '../kernel/process.ts';
import { blockSignals, catchableSignals, signalSet, waitForSignal } from '../kernel/signals.ts';

const RELAY_CHUNK = 'cli/relay.chunk.js';

export const SIGNALS = signalSet(catchableSignals());

/** Before the fork, so that no signal is lost between it and the wait. */
export function holdSignals(): void {
  blockSignals(SIGNALS);
}

/** Waits for a child with signals held, passing them on; with a terminal's master its bytes too. The exit code. */
export function waitInForeground(pid: number, terminal?: Fd): number {
  if (terminal !== undefined) {
    return (load(RELAY_CHUNK) as typeof import('./relay.chunk.ts')).relay(pid, terminal);
  }
  for (;;) {
    const code = handleSignal(waitForSignal(SIGNALS), pid);
    if (code !== undefined) return code;
  }
}

/** The child's exit code once it has ended. */
export function handleSignal(signal: number, pid: number): number | undefined {
  if (signal !== SIGNAL.CHLD) {
    attempt('kill', pid, signal);
    return undefined;
  }
  const status = new Uint32Array(1);
  const ended = attempt('wait4', pid, status, WNOHANG, null);
  return ended === pid ? exitCode(status[0] ?? 0) : undefined;
}
