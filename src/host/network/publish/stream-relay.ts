import { attempt } from '../../kernel/call.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { O } from '../../kernel/constants.ts';
import { pipe } from '../../kernel/process.ts';

/** include/linux/splice.h; shutdown(2) */
const SPLICE = { MOVE: 1, NONBLOCK: 2 } as const;
const SHUT_WR = 1;
const CHUNK = 65536;
/** Pieces that one stream may move before others have their turn. */
const TURN = 16;

/** What a turn ended with: `later` wants another, `waiting` one when a descriptor is ready. */
export type Progress = 'later' | 'waiting' | 'ended' | 'broken';

/** One direction of a connection, moved from socket to socket by way of a pipe, so that no byte of it comes here. */
export class StreamRelay {
  readonly #from: number;
  readonly #to: number;
  readonly #reading: number;
  readonly #writing: number;
  #held = 0;
  #isAtEnd = false;
  #isEnded = false;

  constructor(from: number, to: number) {
    this.#from = from;
    this.#to = to;
    [this.#reading, this.#writing] = pipe(O.NONBLOCK);
  }

  move(): Progress {
    for (let turns = 0; turns < TURN; turns++) {
      if (this.#isEnded) return 'ended';
      const result = this.#held > 0 ? this.#empty() : this.#fill();
      if (result !== 'moved') return result;
    }
    return 'later';
  }

  close(): void {
    attempt('close', this.#reading);
    attempt('close', this.#writing);
  }

  #fill(): Progress | 'moved' {
    if (this.#isAtEnd) {
      attempt('shutdown', this.#to, SHUT_WR);
      this.#isEnded = true;
      return 'ended';
    }
    const count = splice(this.#from, this.#writing, CHUNK);
    if (count === -ERRNO.EAGAIN) return 'waiting';
    if (count < 0) return 'broken';
    if (count === 0) this.#isAtEnd = true;
    this.#held += count;
    return 'moved';
  }

  #empty(): Progress | 'moved' {
    const count = splice(this.#reading, this.#to, this.#held);
    if (count === -ERRNO.EAGAIN) return 'waiting';
    if (count <= 0) return 'broken';
    this.#held -= count;
    return 'moved';
  }
}

function splice(from: number, to: number, count: number): number {
  return attempt('splice', from, null, to, null, count, SPLICE.MOVE | SPLICE.NONBLOCK);
}
