import { createReadStream } from 'node:fs';
import type { ImportRequest } from '../../pure/config/import-request.ts';
import { importImage } from '../images/import.ts';
import { download } from '../registry/download.ts';
import { announce } from './announce.ts';
import { readRequest } from './read-request.ts';
import type { VerbContext } from './verb-context.ts';

/** Where the engine puts a file whose bytes are asked for beside the request. */
const INPUT = 3;

/** `import`: the request comes on standard input, a tar on descriptor 3; the image's ID goes to output. */
export async function importTar(_args: readonly string[], { root, signal }: VerbContext): Promise<number> {
  const { url, source, keepsBlobs, access, reference, changes, message, platform } =
    readRequest<ImportRequest>();
  const address = url === undefined ? undefined : new URL(url);
  const input =
    address === undefined ? createReadStream('', { fd: INPUT }) : download(address, { access, signal });
  const wanted = { root, signal, keepsBlobs, input, source, reference, changes, message, platform };
  const id = await importImage(wanted);
  announce({ action: 'import', id, name: reference ?? id });
  console.log(id);
  return 0;
}
