import { CortenError } from '../../pure/base/errors.ts';
import { capture } from './capture.ts';

/** What ps(1) prints with these options: its heading, and the lines of the wanted processes. */
export function processTable(psOptions: readonly string[], pids: readonly number[]): string {
  return rowsOf(capture('ps', psOptions), pids);
}

function rowsOf(text: string, pids: readonly number[]): string {
  const [heading = '', ...lines] = text.split('\n');
  const column = heading.trim().split(/\s+/).indexOf('PID');
  if (column < 0)
    throw new CortenError(
      'invalid_argument',
      'CLI_PS_WITHOUT_PID',
      'The options for ps must make it print a column PID',
    );
  const wanted = lines.filter((line) => pids.includes(Number(line.trim().split(/\s+/)[column])));
  return [heading, ...wanted].map((line) => `${line}\n`).join('');
}
