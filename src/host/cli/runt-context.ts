import { isCortenError } from '../../pure/base/errors.ts';
import { isSysError, SysError } from '../kernel/call.ts';
import { O } from '../kernel/constants.ts';
import { encode, openFile, writeAll } from '../kernel/files.ts';
import { withPeerWords } from './peer-words.ts';

/** What `runt`'s global flags say, and the words after the verb. */
export interface RuntContext {
  /** Where the state of all containers lies. */
  readonly root: string;
  readonly words: readonly string[];
  readonly log: Log;
}

export type LogFormat = 'text' | 'json';

/** Where warnings and errors go besides stderr, in the forms that runc's callers read. */
export class Log {
  readonly #path: string | undefined;
  readonly #format: LogFormat;
  readonly #isDebug: boolean;

  constructor(path: string | undefined, format: LogFormat, isDebug: boolean) {
    this.#path = path;
    this.#format = format;
    this.#isDebug = isDebug;
  }

  readonly warn = (message: string): void => this.#write('warning', message);

  error(error: unknown): void {
    const details = isCortenError(error) ? { kind: error.kind, code: error.code } : {};
    this.#write('error', withPeerWords(messageOf(error), error), details);
  }

  /** undefined unless asked for. */
  get debug(): ((message: string) => void) | undefined {
    return this.#isDebug ? (message): void => this.#write('debug', message) : undefined;
  }

  #write(level: 'debug' | 'warning' | 'error', message: string, details: object = {}): void {
    const line = this.#line(level, message, details);
    const isPlain = this.#format === 'text' && level !== 'debug';
    if (this.#path === undefined) return printError(isPlain ? `runt: ${message}\n` : line);
    if (level === 'error') printError(`runt: ${message}\n`);
    using file = openFile(this.#path, O.WRONLY | O.CREAT | O.APPEND, 0o644);
    writeAll(file.number, encode(line));
  }

  #line(level: string, message: string, details: object): string {
    const time = new Date().toISOString();
    if (this.#format === 'json') return `${JSON.stringify({ level, msg: message, time, ...details })}\n`;
    return `time="${time}" level=${level} msg=${JSON.stringify(message)}\n`;
  }
}

function messageOf(error: unknown): string {
  return isCortenError(error) || isSysError(error) ? error.message : String(error);
}

export function print(text: string): void {
  try {
    writeAll(1, encode(text));
  } catch (error) {
    throw isSysError(error) ? new SysError(error.syscall, error.errno, 'to standard output') : error;
  }
}

export function printError(text: string): void {
  writeAll(2, encode(text));
}
