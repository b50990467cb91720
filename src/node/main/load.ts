import { isatty } from 'node:tty';
import { shortReference } from '../../pure/store/reference.ts';
import { loadImages } from '../images/load.ts';
import type { VerbContext } from './verb-context.ts';

/** `load [--quiet]`: the archive comes on standard input. */
export async function load(args: readonly string[], { root, signal }: VerbContext): Promise<number> {
  const unknown = args.find((arg) => arg !== '--quiet' && arg !== '-q');
  if (unknown !== undefined) {
    console.error(
      `corten: load takes no argument ${JSON.stringify(unknown)}, but --quiet and the archive on standard input`,
    );
    return 1;
  }
  if (isatty(0)) {
    console.error(
      'corten: load reads an archive from standard input, which is a terminal: redirect it or name a file',
    );
    return 1;
  }
  for (const { id, references } of await loadImages({ root, input: process.stdin, signal })) {
    for (const name of references) console.log(`Loaded image: ${shortReference(name)}`);
    if (references.length === 0) console.log(`Loaded image ID: ${id}`);
  }
  return 0;
}
