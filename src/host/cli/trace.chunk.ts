import { traceOf } from '../kernel/trace.ts';

/** Loaded only when a program fails by its own fault: the stack with the names of source files. */
export function describeBug(error: unknown): string {
  const text = error instanceof Error ? `${error.message}\n${traceOf(error)}` : String(error);
  return `This is a fault of the program itself; please report it with these lines:\n${text}\n`;
}
