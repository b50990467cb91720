import { exit } from '../../kernel/process.ts';
import type { Fd } from '../../kernel/files.ts';
import { resetSignalActions, unblockAllSignals } from '../../kernel/signals.ts';
import { send, toRecord } from './channel.ts';

/**
 * Runs what a forked child has to do before it executes something: with fresh signals, and nothing it throws
 * reaches the parent's frames, which the fork copied. What fails is told to the parent.
 */
export function guarded(socket: Fd, body: () => never): never {
  try {
    resetSignalActions();
    unblockAllSignals();
    body();
  } catch (error) {
    report(socket, error);
  }
  exit(1);
}

function report(socket: Fd, error: unknown): void {
  try {
    send(socket, { type: 'failed', error: toRecord(error) });
  } catch {
    // The parent is gone: nobody is left to tell.
  }
}
