const CTRL_P = 0x10;
const CTRL_Q = 0x11;

/** Docker's keys to leave a container running: ctrl-p, then ctrl-q. */
const DEFAULT_DETACH_KEYS: readonly number[] = [CTRL_P, CTRL_Q];

/** Finds a sequence of keys in what is typed, however it is divided. */
export class DetachKeys {
  readonly #keys: readonly number[];
  #seen: readonly number[] = [];

  constructor(keys = DEFAULT_DETACH_KEYS) {
    this.#keys = keys;
  }

  /** Where in these bytes of input the last of them is; -1 if not all have come. */
  find(input: Uint8Array): number {
    return input.findIndex((byte) => {
      this.#seen = [...this.#seen, byte].slice(-this.#keys.length);
      return this.#keys.length > 0 && this.#keys.every((key, at) => this.#seen[at] === key);
    });
  }
}
