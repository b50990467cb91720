import { attempt } from '../kernel/call.ts';
import { exit } from '../kernel/process.ts';
import { isTerminal, makeRaw } from '../kernel/terminal.ts';
import { printError } from './runt-context.ts';

const [CTRL_C, CTRL_D, BACKSPACE, DELETE] = [3, 4, 8, 0x7f];
const [NEWLINE, RETURN] = [10, 13];
const INTERRUPTED = 130;
/** Bytes of an answer. */
const LIMIT = 1 << 16;

/** Asks a question on standard error; true for an answer that begins with y. */
export function confirms(question: string): boolean {
  return /^y/i.test(ask(`${question} [y/N] `));
}

/** Asks for a line of standard input. */
export function ask(question: string): string {
  printError(question);
  return readLine((byte) => byte);
}

/** As ask(), but what is typed does not show. */
export function askSecret(question: string): string {
  if (!isTerminal(0)) return ask(question);
  printError(question);
  // Raw, so that ctrl-C is ours to handle and never leaves a terminal without echo behind.
  const restore = makeRaw(0);
  try {
    return readLine((byte) => {
      if (byte !== CTRL_C) return byte;
      restore();
      printError('\n');
      return exit(INTERRUPTED);
    });
  } finally {
    restore();
    printError('\n');
  }
}

function readLine(seen: (byte: number) => number): string {
  const line: number[] = [];
  const buffer = new Uint8Array(1);
  // A byte at a time: what follows the line is for whoever reads next.
  while (attempt('read', 0, buffer, 1) > 0 && line.length < LIMIT) {
    const byte = seen(buffer[0] ?? 0);
    if (byte === NEWLINE || byte === RETURN || byte === CTRL_D) break;
    if (byte === BACKSPACE || byte === DELETE) line.pop();
    else line.push(byte);
  }
  return utf8(Uint8Array.from(line));
}
