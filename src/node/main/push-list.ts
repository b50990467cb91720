import { parseReference } from '../../pure/store/reference.ts';
import type { PushListRequest } from '../../pure/store/push-list-request.ts';
import { pushList } from '../images/push-list.ts';
import { progressFor } from './progress/progress-for.ts';
import { PUSH_WORDS } from './progress/push-words.ts';
import { announceImage } from './announce.ts';
import { readRequest } from './read-request.ts';
import type { VerbContext } from './verb-context.ts';

/** `push-list`: the request comes on standard input, progress goes to standard error, and what was pushed to output. */
export async function pushManifestList(
  _args: readonly string[],
  { root, signal }: VerbContext,
): Promise<number> {
  const { progress: form, ...request } = readRequest<PushListRequest>();
  const progress = progressFor(form, PUSH_WORDS);
  try {
    const { digest, size } = await pushList({
      ...request,
      root,
      signal,
      watch: ({ state, ...rest }) =>
        progress.show({ ...rest, state: state === 'uploading' ? 'running' : state }),
    });
    progress.finish();
    announceImage('push', request.destination);
    const { tag } = parseReference(request.destination);
    if (form === 'json')
      console.log(
        JSON.stringify({
          status: `${tag}: digest: ${digest} size: ${size}`,
          aux: { Tag: tag, Digest: digest, Size: size },
        }),
      );
    // As docker prints it, so that scripts may take it up.
    else console.log(digest);
    return 0;
  } catch (error) {
    progress.finish();
    throw error;
  }
}
