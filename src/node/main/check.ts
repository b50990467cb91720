import { checkStore } from '../images/check.ts';
import type { VerbContext } from './verb-context.ts';

/** `check [--repair] [--quick]`: one line for each thing that is wrong; exit code 1 if there is any. */
export async function check(args: readonly string[], { root, signal }: VerbContext): Promise<number> {
  const isRepairing = args.includes('--repair');
  const report = await checkStore({ root, signal, isRepairing, isQuick: args.includes('--quick') });
  for (const { text, repaired } of report.faults)
    console.log(repaired === undefined ? text : `${text}: ${repaired}`);
  const { images, files, bytes, faults } = report;
  if (faults.length === 0)
    console.log(`The store is whole: ${images} images, ${files} files, ${bytes} bytes`);
  const left = isRepairing ? faults.filter(({ repaired }) => repaired === undefined) : faults;
  return left.length === 0 ? 0 : 1;
}
