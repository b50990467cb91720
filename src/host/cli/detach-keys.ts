import { usageError } from './corten-context.ts';

const CTRL_P = 0x10;
const CTRL_Q = 0x11;
/** What ctrl- makes of these: `@` is 0, `A` 1 and so on. */
const CONTROLLED = '@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_';

/** Keys that leave a container running, ctrl-p then ctrl-q unless others are given. */
export class DetachKeys {
  readonly #keys: readonly number[];
  /** How many of them have come, one after another. */
  #seen = 0;

  constructor(keys: readonly number[] = [CTRL_P, CTRL_Q]) {
    this.#keys = keys;
  }

  /** Where in these bytes of input the last of them is; -1 if not all have come. */
  find(input: Uint8Array): number {
    if (this.#keys.length === 0) return -1;
    return input.findIndex((byte) => {
      if (byte !== this.#keys[this.#seen]) this.#seen = 0;
      if (byte === this.#keys[this.#seen]) this.#seen++;
      const isWhole = this.#seen === this.#keys.length;
      if (isWhole) this.#seen = 0;
      return isWhole;
    });
  }
}

/** `ctrl-p,ctrl-q`, single letters among them; an empty text is no keys at all. */
export function parseDetachKeys(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(',').map((key) => {
    const [, control] = /^ctrl-(.)$/i.exec(key) ?? [];
    const code = control === undefined ? -1 : CONTROLLED.indexOf(control.toUpperCase());
    if (code >= 0) return code;
    if (key.length === 1 && key.charCodeAt(0) < 0x80) return key.charCodeAt(0);
    throw usageError(`The flag --detach-keys takes keys such as ctrl-p,ctrl-q, not "${text}"`);
  });
}
