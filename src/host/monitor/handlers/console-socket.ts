import { attempt, retry, sys } from '../../kernel/call.ts';
import { AF, O, POLL, SOCK } from '../../kernel/constants.ts';
import { Fd, openFile } from '../../kernel/files.ts';
import { receiveMessage } from '../../kernel/sockets.ts';
import { monitorError } from '../errors.ts';

const NAME = 'console.sock';
const LIMIT_MS = 10_000;

/** The socket on which a runtime hands over a terminal's master (runc's docs/terminals.md). */
export class ConsoleSocket {
  /** Short whatever the directory's own path is: an address has room for 107 bytes. */
  readonly path: string;
  readonly #directory: Fd;
  readonly #socket: Fd;

  private constructor(directory: Fd, socket: Fd, path: string) {
    this.#directory = directory;
    this.#socket = socket;
    this.path = path;
  }

  static listen(folder: string): ConsoleSocket {
    const directory = openFile(folder, O.RDONLY | O.DIRECTORY);
    const path = `/proc/${sys('getpid')}/fd/${directory.number}/${NAME}`;
    attempt('unlinkat', directory.number, NAME, 0);
    const socket = new Fd(sys('socket', AF.UNIX, SOCK.STREAM | SOCK.CLOEXEC, 0));
    const name = bytes(path);
    const address = new Uint8Array(2 + name.length);
    address[0] = AF.UNIX;
    address.set(name, 2);
    sys('bind', socket.number, address, address.length);
    sys('listen', socket.number, 1);
    return new ConsoleSocket(directory, socket, path);
  }

  /** The master that the runtime has sent. Throws MONITOR_RUNTIME_FAILED. */
  receive(): Fd {
    const isThere = retry('poll', new Int32Array([this.#socket.number, POLL.IN]), 1, LIMIT_MS) > 0;
    using connection = isThere
      ? new Fd(sys('accept4', this.#socket.number, null, null, SOCK.CLOEXEC))
      : undefined;
    const master = connection && receiveMessage(connection.number)?.descriptor;
    if (master !== undefined) return master;
    throw monitorError('MONITOR_RUNTIME_FAILED', 'The runtime has sent no terminal to its console socket');
  }

  [Symbol.dispose](): void {
    attempt('unlinkat', this.#directory.number, NAME, 0);
    this.#socket.close();
    this.#directory.close();
  }
}
