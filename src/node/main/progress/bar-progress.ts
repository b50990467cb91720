import { sizeText } from '../../../pure/base/size-text.ts';
import { shortId, type Progress, type Transfer, type TransferWords } from './transfer.ts';

/** Milliseconds between two pictures. */
const INTERVAL = 80;
/** Docker's own where there is room. */
const BAR_WIDTHS = { wide: 50, narrow: 30 } as const;
const WIDE = 110;

export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
}

/** A line with a bar for each blob, drawn over and over. */
export class BarProgress implements Progress {
  readonly #words: TransferWords;
  readonly #terminal: Terminal;
  readonly #transfers = new Map<string, Transfer>();
  #drawn = 0;
  #time = 0;

  constructor(words: TransferWords, terminal: Terminal) {
    this.#words = words;
    this.#terminal = terminal;
  }

  show(transfer: Transfer): void {
    const before = this.#transfers.get(transfer.digest);
    this.#transfers.set(transfer.digest, transfer);
    const now = performance.now();
    if (before?.state === transfer.state && now - this.#time < INTERVAL) return;
    this.#time = now;
    this.#draw();
  }

  finish(): void {
    if (this.#transfers.size > 0) this.#draw();
    this.#transfers.clear();
    this.#drawn = 0;
  }

  #draw(): void {
    // Lines that have left the screen can't be drawn again: the last ones that fit are shown.
    const lines = [...this.#transfers.values()]
      .slice(-Math.max(1, this.#terminal.rows - 2))
      .map((transfer) => this.#lineOf(transfer));
    const up = this.#drawn === 0 ? '' : `\x1b[${this.#drawn}A`;
    this.#terminal.write(`${up}${lines.map((line) => `\r\x1b[2K${line}\n`).join('')}`);
    this.#drawn = lines.length;
  }

  #lineOf({ digest, state, current, total }: Transfer): string {
    const start = `${shortId(digest)}: ${this.#words[state]}`;
    if (state !== 'running') return start.slice(0, this.#terminal.columns);
    const share = total === 0 ? 1 : Math.min(1, current / total);
    const width = this.#terminal.columns > WIDE ? BAR_WIDTHS.wide : BAR_WIDTHS.narrow;
    const done = Math.round(share * width);
    const bar = `${'='.repeat(Math.max(0, done - 1))}${done === 0 ? '' : '>'}`.padEnd(width);
    return `${start} [${bar}] ${sizeText(current)}/${sizeText(total)}`.slice(0, this.#terminal.columns);
  }
}
