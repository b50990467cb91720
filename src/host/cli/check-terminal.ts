import { isTerminal } from '../kernel/terminal.ts';
import { usageError } from './corten-context.ts';
import type { Options } from './options.ts';

/** As Docker has it, -it needs a terminal: keys that come from elsewhere would have no end, and the terminal no size. */
export function checkTerminal(options: Options): void {
  if (!options.isOn('tty') || !options.isOn('interactive') || options.isOn('detach') || isTerminal(0)) return;
  throw usageError('Standard input is no terminal: leave out -t, or -i');
}
