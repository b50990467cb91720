import { createReadStream } from 'node:fs';
import type { CommitRequest } from '../../pure/config/commit-request.ts';
import { commitContainer } from '../images/commit.ts';
import { readRequest } from './read-request.ts';
import type { VerbContext } from './verb-context.ts';

/** Where the engine puts a file whose bytes are asked for beside the request. */
const INPUT = 3;

/** `commit`: the request comes on standard input, the layer's tar on descriptor 3; the image's ID goes to output. */
export async function commit(_args: readonly string[], { root, signal }: VerbContext): Promise<number> {
  const input = createReadStream('', { fd: INPUT });
  console.log(await commitContainer({ ...readRequest<CommitRequest>(), root, signal, input }));
  return 0;
}
