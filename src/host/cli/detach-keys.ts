const CTRL_P = 0x10;
const CTRL_Q = 0x11;

/** Docker's keys to leave a container running: ctrl-p, then ctrl-q. */
export class DetachKeys {
  #hasFirst = false;

  /** Where in these bytes of input the second of them is; -1 if both have not come. */
  find(input: Uint8Array): number {
    return input.findIndex((byte) => {
      const isSecond = this.#hasFirst && byte === CTRL_Q;
      this.#hasFirst = byte === CTRL_P;
      return isSecond;
    });
  }
}
