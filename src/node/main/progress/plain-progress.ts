import { shortId, type Progress, type Transfer, type TransferWords } from './transfer.ts';

/** One line for each change of state: for logs. */
export class PlainProgress implements Progress {
  readonly #words: TransferWords;
  readonly #write: (text: string) => void;
  readonly #states = new Map<string, string>();

  constructor(words: TransferWords, write: (text: string) => void) {
    this.#words = words;
    this.#write = write;
  }

  show({ digest, state }: Transfer): void {
    if (state === 'running' || this.#states.get(digest) === state) return;
    this.#states.set(digest, state);
    this.#write(`${shortId(digest)}: ${this.#words[state]}\n`);
  }

  finish(): void {
    this.#states.clear();
  }
}
