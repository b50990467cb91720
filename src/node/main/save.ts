import type { SaveRequest } from '../../pure/config/save-request.ts';
import { saveImages } from '../images/save.ts';
import { readRequest } from './read-request.ts';
import type { VerbContext } from './verb-context.ts';

/** `save`: the request comes on standard input, an archive goes to standard output. */
export async function save(_args: readonly string[], { root, signal }: VerbContext): Promise<number> {
  await saveImages({ ...readRequest<SaveRequest>(), root, signal, stream: process.stdout });
  return 0;
}
