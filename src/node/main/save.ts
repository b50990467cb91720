import type { SaveRequest } from '../../pure/config/save-request.ts';
import { shortReference } from '../../pure/store/reference.ts';
import { saveImages } from '../images/save.ts';
import { announce } from './announce.ts';
import { readRequest } from './read-request.ts';
import type { VerbContext } from './verb-context.ts';

/** `save`: the request comes on standard input, an archive goes to standard output. */
export async function save(_args: readonly string[], { root, signal }: VerbContext): Promise<number> {
  const request = readRequest<SaveRequest>();
  const { saved, rewritten } = await saveImages({ ...request, root, signal, stream: process.stdout });
  for (const { id, name } of saved) announce({ action: 'save', id, name: shortReference(name) });
  if (request.isUncompressed) return 0;
  for (const { name, before, after } of rewritten) {
    const text = `The blobs of ${shortReference(name)} are not kept: its layers are plain tar, and its manifest is ${after}, not ${before}`;
    console.error(`corten: ${text}`);
  }
  return 0;
}
