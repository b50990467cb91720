import { attempt, sys } from './call.ts';
import { SIG, SIGNAL } from './constants.ts';

const LAST_SIGNAL = 64;

/** A signal set of 8 bytes, as rt_sigprocmask(2) and signalfd(2) take it. */
export function signalSet(signals: Iterable<number>): BigUint64Array {
  let bits = 0n;
  for (const signal of signals) bits |= 1n << BigInt(signal - 1);
  return new BigUint64Array([bits]);
}

export function blockSignals(set: BigUint64Array): void {
  sys('rt_sigprocmask', SIG.BLOCK, set, null, 8);
}

export function unblockAllSignals(): void {
  sys('rt_sigprocmask', SIG.SETMASK, new BigUint64Array(1), null, 8);
}

/** Every signal that a process may catch; what tells of its own faults stays out, as a blocked one would kill anyway. */
export function catchableSignals(): readonly number[] {
  const excluded: readonly number[] = [
    SIGNAL.KILL,
    SIGNAL.STOP,
    SIGNAL.SEGV,
    SIGNAL.BUS,
    SIGNAL.FPE,
    SIGNAL.ILL,
    SIGNAL.TRAP,
    SIGNAL.SYS,
  ];
  return Array.from({ length: LAST_SIGNAL }, (_, index) => index + 1).filter(
    (one) => !excluded.includes(one),
  );
}

/**
 * Puts back the default action of every signal: one that whoever started us had ignored would stay so across
 * execve(2). Asking which those are costs as many calls. struct kernel_sigaction: handler, flags, restorer, mask.
 */
export function resetSignalActions(): void {
  const standard = new BigUint64Array(4);
  for (let signal = 1; signal <= LAST_SIGNAL; signal++) attempt('rt_sigaction', signal, standard, null, 8);
}

/** Sleeps until one of the blocked signals arrives; its number. */
export function waitForSignal(set: BigUint64Array): number {
  for (;;) {
    const signal = attempt('rt_sigtimedwait', set, null, null, 8);
    if (signal > 0) return signal;
  }
}

/** `TERM`, `SIGTERM`, `term`, `15`, `RTMIN+3`; undefined for what is none. */
export function signalNumber(text: string): number | undefined {
  if (/^\d{1,2}$/.test(text)) {
    const number = Number(text);
    return number >= 1 && number <= LAST_SIGNAL ? number : undefined;
  }
  const name = text.toUpperCase().replace(/^SIG/, '');
  if (Object.hasOwn(SIGNAL, name)) return SIGNAL[name as keyof typeof SIGNAL];
  return realtimeSignal(name);
}

/** glibc's SIGRTMIN is 34 and SIGRTMAX 64: what programs mean by the names. */
function realtimeSignal(name: string): number | undefined {
  const match = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name);
  if (match === null) return undefined;
  const offset = Number(match[3] ?? 0) * (match[2] === '-' ? -1 : 1);
  const number = (match[1] === 'MIN' ? 34 : 64) + offset;
  return number >= 34 && number <= LAST_SIGNAL ? number : undefined;
}
