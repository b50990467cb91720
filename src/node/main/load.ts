import { isatty } from 'node:tty';
import { parseArgs } from 'node:util';
import { shortReference } from '../../pure/store/reference.ts';
import { loadImages } from '../images/load.ts';
import { announce } from './announce.ts';
import type { VerbContext } from './verb-context.ts';

/** `load [--quiet] [--name NAME] [--directory DIR]`: without a directory the archive comes on standard input. */
export async function load(args: readonly string[], { root, signal }: VerbContext): Promise<number> {
  const { values, positionals } = optionsOf(args);
  const [unknown] = positionals;
  if (unknown !== undefined) {
    console.error(
      `corten: load takes no argument ${JSON.stringify(unknown)}: the archive comes on standard input`,
    );
    return 1;
  }
  const { name, directory, refuse: refused = [] } = values;
  if (directory === undefined && isatty(0)) {
    console.error(
      'corten: load reads an archive from standard input, which is a terminal: redirect it or name a file',
    );
    return 1;
  }
  const keepsBlobs = values['drop-blobs'] !== true;
  const input = directory ?? process.stdin;
  for (const { id, references } of await loadImages({ root, input, name, refused, keepsBlobs, signal })) {
    for (const full of references) console.log(`Loaded image: ${shortReference(full)}`);
    announce({ action: 'load', id, name: shortReference(references[0] ?? id) });
    if (references.length === 0) console.log(`Loaded image ID: ${id}`);
  }
  return 0;
}

function optionsOf(args: readonly string[]): {
  readonly values: {
    readonly name?: string | undefined;
    readonly directory?: string | undefined;
    readonly refuse?: readonly string[] | undefined;
    readonly 'drop-blobs'?: boolean | undefined;
  };
  readonly positionals: readonly string[];
} {
  const options = {
    quiet: { type: 'boolean', short: 'q' },
    name: { type: 'string' },
    directory: { type: 'string' },
    refuse: { type: 'string', multiple: true },
    'drop-blobs': { type: 'boolean' },
  } as const;
  return parseArgs({ args: [...args], options, allowPositionals: true });
}
