const CTRL_P = 0x10;
const CTRL_Q = 0x11;

/** Docker's keys to leave a container running: ctrl-p, then ctrl-q. */
export class DetachKeys {
  #hasFirst = false;

  /** Whether both have come, with these bytes of input. */
  isIn(input: Uint8Array): boolean {
    for (const byte of input) {
      if (this.#hasFirst && byte === CTRL_Q) return true;
      this.#hasFirst = byte === CTRL_P;
    }
    return false;
  }
}
