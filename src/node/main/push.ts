import type { PushRequest } from '../../pure/config/push-request.ts';
import { parseReference } from '../../pure/store/reference.ts';
import { pushImage, type BlobProgress } from '../images/push.ts';
import { progressFor } from './progress/progress-for.ts';
import { PUSH_WORDS } from './progress/push-words.ts';
import { announceImage } from './announce.ts';
import { readRequest } from './read-request.ts';
import type { VerbContext } from './verb-context.ts';

/** `push`: the request comes on standard input, progress goes to standard error, and what was pushed to output. */
export async function push(_args: readonly string[], { root, signal }: VerbContext): Promise<number> {
  const { progress: form, ...request } = readRequest<PushRequest>();
  const { destination } = request;
  const progress = progressFor(form, PUSH_WORDS);
  const { domain, path, tag } = parseReference(destination);
  if (form !== 'quiet' && form !== 'json') {
    process.stderr.write(`The push refers to repository ${domain}/${path}\n`);
  }
  const watch = ({ state, ...rest }: BlobProgress): void =>
    progress.show({ ...rest, state: state === 'uploading' ? 'running' : state });
  try {
    const { digest, size, reference, before } = await pushImage({ ...request, root, signal, watch });
    progress.finish();
    announceImage('push', reference);
    if (digest !== before) {
      const text = `The blobs of the image are not kept: compressed anew, its manifest is ${digest}, not ${before}`;
      process.stderr.write(`corten: ${text}\n`);
    }
    const status = `${tag}: digest: ${digest} size: ${size}`;
    if (form === 'json')
      console.log(JSON.stringify({ status, aux: { Tag: tag, Digest: digest, Size: size } }));
    else console.log(form === 'quiet' ? reference : status);
    return 0;
  } catch (error) {
    progress.finish();
    throw error;
  }
}
