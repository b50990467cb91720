import { SysError, attempt, sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { EPOLL_EVENT_DATA, EPOLL_EVENT_SIZE } from '../../kernel/structures.ts';

/** include/uapi/linux/eventpoll.h */
const ADD = 1;
const EDGE = 0x80000000;
const MOST_EVENTS = 64;

/** Waits on any number of descriptors, each of which tells once that it has become ready: epoll(7), edge-triggered. */
export class Poller {
  readonly #fd = sys('epoll_create1', O.CLOEXEC);
  readonly #events = new Uint8Array(EPOLL_EVENT_SIZE * MOST_EVENTS);
  readonly #view = new DataView(this.#events.buffer);
  readonly #wakes = new Map<number, () => void>();

  /** `wake` is called whenever the descriptor may be read or written again, or has failed. */
  add(fd: number, events: number, wake: () => void): void {
    const event = new Uint8Array(EPOLL_EVENT_SIZE);
    const view = new DataView(event.buffer);
    view.setUint32(0, (events | EDGE) >>> 0, true);
    view.setUint32(EPOLL_EVENT_DATA, fd, true);
    sys('epoll_ctl', this.#fd, ADD, fd, event);
    this.#wakes.set(fd, wake);
  }

  /** Closes the descriptor, which ends the wait on it too. */
  close(fd: number): void {
    this.#wakes.delete(fd);
    attempt('close', fd);
  }

  /** Waits up to `timeout` ms, -1 for ever, and wakes whoever is ready. */
  wait(timeout: number): void {
    const count = attempt('epoll_wait', this.#fd, this.#events, MOST_EVENTS, timeout);
    if (count === -ERRNO.EINTR) return;
    if (count < 0) throw new SysError('epoll_wait', -count, '');
    const ready = Array.from({ length: count }, (_, index) =>
      this.#view.getUint32(index * EPOLL_EVENT_SIZE + EPOLL_EVENT_DATA, true),
    );
    for (const fd of ready) this.#wakes.get(fd)?.();
  }
}
