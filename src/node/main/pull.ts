import type { PullRequest } from '../../pure/config/pull-request.ts';
import { parseReference, shortReference } from '../../pure/store/reference.ts';
import type { LayerProgress } from '../images/layer-progress.ts';
import { pullImage, type PulledImage } from '../images/pull.ts';
import { progressFor } from './progress/progress-for.ts';
import type { TransferWords } from './progress/transfer.ts';
import { announceImage } from './announce.ts';
import { readRequest } from './read-request.ts';
import type { VerbContext } from './verb-context.ts';

const WORDS: TransferWords = {
  waiting: 'Pulling fs layer',
  running: 'Downloading',
  present: 'Already exists',
  mounted: 'Already exists',
  done: 'Pull complete',
};

/** `pull`: the request comes on standard input, progress goes to standard error, and what was pulled to output. */
export async function pull(_args: readonly string[], { root, signal }: VerbContext): Promise<number> {
  const { access, platform, parallel, signatures, keepsBlobs, ...request } = readRequest<PullRequest>();
  const progress = progressFor(request.progress, WORDS);
  if (request.progress !== 'json') announce(request);
  const watch = ({ state, ...rest }: LayerProgress): void =>
    progress.show({ ...rest, state: state === 'downloading' ? 'running' : state });
  try {
    const pulled = await pullImage({
      root,
      signal,
      access,
      platform,
      parallel,
      signatures,
      keepsBlobs,
      reference: request.reference,
      watch,
    });
    progress.finish();
    announceImage('pull', pulled.reference);
    tell(pulled, request.progress);
    return 0;
  } catch (error) {
    progress.finish();
    throw error;
  }
}

function announce({ reference, progress }: Pick<PullRequest, 'reference' | 'progress'>): void {
  if (progress === 'quiet') return;
  const { domain, path, tag, digest } = parseReference(reference);
  const from = domain === 'docker.io' ? path : `${domain}/${path}`;
  process.stderr.write(`${digest ?? tag}: Pulling from ${from}\n`);
}

function tell({ id, digest, reference, isNew }: PulledImage, form: PullRequest['progress']): void {
  const short = shortReference(reference);
  const status = isNew ? `Downloaded newer image for ${short}` : `Image is up to date for ${short}`;
  if (form === 'json') {
    const aux = { ID: id, Digest: digest, Reference: reference };
    console.log(`${JSON.stringify({ status: `Digest: ${digest}` })}\n${JSON.stringify({ status, aux })}`);
  } else if (form === 'quiet') console.log(reference);
  else console.log(`Digest: ${digest}\nStatus: ${status}\n${reference}`);
}
