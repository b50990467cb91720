import { shortId, type Progress, type Transfer, type TransferWords } from './transfer.ts';

/** Milliseconds between two lines about the same blob. */
const INTERVAL = 100;

/** One JSON object a line, in the shape of Docker's own (Engine API, ImageCreate). */
export class JsonProgress implements Progress {
  readonly #words: TransferWords;
  readonly #write: (text: string) => void;
  readonly #times = new Map<string, number>();

  constructor(words: TransferWords, write: (text: string) => void) {
    this.#words = words;
    this.#write = write;
  }

  show({ digest, state, current, total }: Transfer): void {
    if (state === 'running' && !this.#isDue(digest)) return;
    const progressDetail = state === 'running' ? { current, total } : {};
    this.#write(`${JSON.stringify({ status: this.#words[state], progressDetail, id: shortId(digest) })}\n`);
  }

  finish(): void {
    this.#times.clear();
  }

  #isDue(digest: string): boolean {
    const now = performance.now();
    const isDue = now - (this.#times.get(digest) ?? -INTERVAL) >= INTERVAL;
    if (isDue) this.#times.set(digest, now);
    return isDue;
  }
}
