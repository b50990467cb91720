import { fromRecord, isCortenError, type CortenError, type ErrorRecord } from '../../../pure/base/errors.ts';
import { isSysError, retry } from '../../kernel/call.ts';
import { encode, type Fd } from '../../kernel/files.ts';
import { exit } from '../../kernel/process.ts';
import { receiveMessage, sendMessage, type Received } from '../../kernel/sockets.ts';
import { runtimeError } from '../errors.ts';

/** Everything that the two processes say to each other, over one socket that keeps message borders. */
export type Message =
  /** Init has set up everything and waits to be started. */
  | { readonly type: 'ready' }
  /** Init has made its mounts and waits for the hooks of the time before the change of root. */
  | { readonly type: 'mounted' }
  /** Comes with the console's master. */
  | { readonly type: 'console' }
  | { readonly type: 'failed'; readonly error: ErrorRecord };

export function send(socket: Fd, message: Message, descriptor?: number): void {
  sendMessage(socket.number, encode(JSON.stringify(message)), descriptor);
}

export interface Heard {
  readonly console: Fd | undefined;
  /** How far init came: it waits for hooks or to be started, or has executed the program (the socket closed). */
  readonly end: 'mounted' | 'ready' | 'closed';
}

/** Listens until init has come as far as it will; what it failed with is thrown here. */
export function listen(socket: Fd): Heard {
  let console: Fd | undefined;
  for (;;) {
    const received = receive(socket);
    if (received === undefined) return { console, end: 'closed' };
    const message = JSON.parse(utf8(received.content)) as Message;
    if (message.type === 'console') console = received.descriptor;
    else if (message.type !== 'failed') return { console, end: message.type };
    else {
      console?.close();
      throw fromRecord(message.error);
    }
  }
}

/** As listen(), where the program's process is made by the stub: its pid comes, and it waits for a release. */
export function listenForBirth(socket: Fd): { readonly pid: number; readonly console: Fd | undefined } {
  let console: Fd | undefined;
  for (;;) {
    const received = receive(socket);
    if (received?.content.length === PID_SIZE) {
      return { pid: Number(new DataView(received.content.slice().buffer).getBigUint64(0, true)), console };
    }
    const message = received === undefined ? undefined : (JSON.parse(utf8(received.content)) as Message);
    if (message?.type === 'console') console = received?.descriptor;
    else {
      console?.close();
      if (message?.type === 'failed') throw fromRecord(message.error);
      throw runtimeError('RUNTIME_INIT_DIED', 'The process ended before the program could begin');
    }
  }
}

/** No message of JSON is as short. */
const PID_SIZE = 8;

/** A child that fails leaves our release unread, which Linux reports once, before what the child had said. */
function receive(socket: Fd): Received | undefined {
  try {
    return receiveMessage(socket.number);
  } catch (error) {
    if (!isSysError(error, 'ECONNRESET')) throw error;
    return receiveMessage(socket.number);
  }
}

const GO = new Uint8Array([1]);

/**
 * Lets the child go beyond the next point where it waits: first for its cgroups, where it has any, and then until
 * its traces are on record. One that has failed is heard by listen().
 */
export function release(socket: Fd): void {
  try {
    sendMessage(socket.number, GO);
  } catch (error) {
    if (!isSysError(error, 'EPIPE', 'ECONNRESET')) throw error;
  }
}

/** Returns when the parent has released this child once more; a parent that died before is the child's end. */
export function awaitRelease(socket: Fd): void {
  if (retry('read', socket.number, new Uint8Array(1), 1) === 0) exit(1);
}

export function toRecord(error: unknown): ErrorRecord {
  if (isCortenError(error)) return error.toJSON();
  return asRuntimeError(error).toJSON();
}

function asRuntimeError(error: unknown): CortenError {
  const text = error instanceof Error ? error.message : String(error);
  return runtimeError('RUNTIME_STEP_FAILED', text, error);
}

/** To the socket that the caller named, as runc does, or to the parent. */
export function giveConsole(socket: Fd, consoleSocket: number | undefined, master: number): void {
  if (consoleSocket === undefined) send(socket, { type: 'console' }, master);
  else sendMessage(consoleSocket, encode('/dev/ptmx'), master);
}
