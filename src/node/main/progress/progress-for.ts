import type { ProgressForm } from '../../../pure/config/pull-request.ts';
import { BarProgress } from './bar-progress.ts';
import { JsonProgress } from './json-progress.ts';
import { PlainProgress } from './plain-progress.ts';
import type { Progress, TransferWords } from './transfer.ts';

const SILENT: Progress = { show: () => undefined, finish: () => undefined };

/** The form of progress that was asked for; by itself bars on a terminal and lines elsewhere. */
export function progressFor(form: ProgressForm, words: TransferWords): Progress {
  const { stderr, stdout } = process;
  switch (form) {
    case 'quiet':
      return SILENT;
    case 'json':
      return new JsonProgress(words, (text) => stdout.write(text));
    case 'plain':
      return new PlainProgress(words, (text) => stderr.write(text));
    case 'tty':
      return barsOn(words);
    case 'auto':
      return stderr.isTTY ? barsOn(words) : progressFor('plain', words);
  }
}

function barsOn(words: TransferWords): Progress {
  const { stderr } = process;
  return new BarProgress(words, {
    get columns() {
      return stderr.columns || 80;
    },
    get rows() {
      return stderr.rows || 24;
    },
    write: (text) => void stderr.write(text),
  });
}
