import { attempt } from '../kernel/call.ts';
import { MSG, O, POLL, S } from '../kernel/constants.ts';
import { ERRNO } from '../kernel/errno.ts';
import { statusOf } from '../kernel/stat.ts';

/** A pipe with room at all takes so many bytes without waiting (PIPE_BUF, pipe(7)). */
const PIPE_BUF = 4096;
/** Majors of /dev/tty1, /dev/tty and /dev/pts/0 to the last (Linux admin-guide/devices.txt); the master of a pseudoterminal is 5:2. */
const TERMINALS: readonly number[] = [4, 5, 136, 137, 138, 139, 140, 141, 142, 143];
const PTMX = 0x502;

interface Channel {
  /** What is polled for room. */
  readonly fd: number;
  /** Writes some of it without waiting, once poll(2) said that there is room: the count or -errno. */
  readonly write: (content: Uint8Array) => number;
}

/**
 * Standard output or standard error, written without ever waiting for its reader, so that signals and everything
 * else go on meanwhile. O_NONBLOCK on the stream itself would change it for all who share it: pipes and terminals
 * are opened anew.
 */
export class OutputStream {
  readonly #stream: number;
  readonly #lost: (errno: number) => void;
  #channel: Channel | undefined;
  #rest: Uint8Array = NOTHING;
  #isLost = false;

  /** `lost` is called once, when the stream takes no more; what comes for it from then on is dropped. */
  constructor(stream: number, lost: (errno: number) => void) {
    this.#stream = stream;
    this.#lost = lost;
  }

  /** Whether something waits for the reader. */
  get isBlocked(): boolean {
    return this.#rest.length > 0;
  }

  /** What to poll for while isBlocked. */
  get fd(): number {
    return this.#channel?.fd ?? this.#stream;
  }

  /** Writes what can be written now; the bytes of the rest must not change as long as isBlocked. */
  write(content: Uint8Array): void {
    if (this.#isLost) return;
    this.#channel ??= channelOf(this.#stream);
    this.#rest = content;
    this.flush();
  }

  /** Writes more of what was kept, as far as it goes. */
  flush(): void {
    while (this.#rest.length > 0) {
      const count = this.#channel?.write(this.#rest) ?? 0;
      if (count === -ERRNO.EINTR) continue;
      if (count === -ERRNO.EAGAIN) return;
      if (count < 0) return this.#lose(-count);
      this.#rest = this.#rest.subarray(count);
    }
  }

  #lose(errno: number): void {
    this.#rest = NOTHING;
    this.#isLost = true;
    this.#lost(errno);
  }

  [Symbol.dispose](): void {
    if (this.#channel !== undefined && this.#channel.fd !== this.#stream) attempt('close', this.#channel.fd);
    this.#channel = undefined;
  }
}

const NOTHING = new Uint8Array(0);

function channelOf(stream: number): Channel {
  const { mode, rdev } = statusOf(stream);
  const type = mode & S.IFMT;
  if (type === S.IFSOCK) {
    const flags = MSG.DONTWAIT | MSG.NOSIGNAL;
    const write = (content: Uint8Array): number =>
      attempt('sendto', stream, content, content.length, flags, null, 0);
    return { fd: stream, write };
  }
  const isTerminal = type === S.IFCHR && TERMINALS.includes(rdev >>> 8) && rdev !== PTMX;
  if (type !== S.IFIFO && !isTerminal) return { fd: stream, write: (content) => writeTo(stream, content) };
  const again = attempt('open', `/proc/self/fd/${stream}`, O.WRONLY | O.NONBLOCK | O.NOCTTY | O.CLOEXEC, 0);
  if (again >= 0) return { fd: again, write: (content) => writeTo(again, content) };
  // A stream of another user's.
  return { fd: stream, write: (content) => writeIfRoom(stream, content) };
}

function writeTo(fd: number, content: Uint8Array): number {
  return attempt('write', fd, content, content.length);
}

function writeIfRoom(fd: number, content: Uint8Array): number {
  return hasRoom(fd) ? writeTo(fd, content.subarray(0, PIPE_BUF)) : -ERRNO.EAGAIN;
}

function hasRoom(fd: number): boolean {
  return attempt('poll', new Int32Array([fd, POLL.OUT]), 1, 0) > 0;
}
