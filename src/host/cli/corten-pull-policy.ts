import { isCortenError, type CortenError } from '../../pure/base/errors.ts';
import type { Pulling } from '../engine/pull-image.ts';
import type { Roots } from '../engine/roots.ts';
import type { RunRequest } from '../engine/run-request.ts';
import { usageError } from './corten-context.ts';
import { orNearest } from './nearest.ts';
import type { Options } from './options.ts';
import { printError } from './runt-context.ts';

type PullPolicy = 'missing' | 'always' | 'never';

interface ImageWish {
  readonly roots: Roots;
  /** undefined for a container that is made of a directory. */
  readonly image: string | undefined;
  readonly options: Options;
}

/**
 * Does `work`, which needs an image, with a pull before or between as `--pull` says. Undefined when the pull failed,
 * which has told why. A store that has the image is asked once, by the work itself.
 */
export function withImage<T>(wish: ImageWish, work: (image: string) => T): T | undefined {
  const policy = policyFrom(wish.options);
  const { image = '' } = wish;
  if (wish.image === undefined || policy === 'never') return work(image);
  if (policy === 'always') return withPulled(wish, work);
  try {
    return work(image);
  } catch (error) {
    if (!isCortenError(error) || !isToBePulled(error)) throw error;
    const what = error.code === 'IMAGE_NOT_FOUND' ? '' : ` for ${wish.options.text('platform')}`;
    printError(`The image ${wish.image} is not in the store${what}: pulling it\n`);
  }
  const done = withPulled(wish, work);
  if (done === undefined) hint(wish.image);
  return done;
}

/** Also one that the store has for another platform than the one that was asked for. */
function isToBePulled({ code, data }: CortenError): boolean {
  return code === 'IMAGE_NOT_FOUND' || (code === 'ENGINE_IMAGE_FOREIGN' && data?.['platform'] !== undefined);
}

/** A short name may stand for another than Docker Hub's: the work gets what was pulled. */
function withPulled<T>(wish: ImageWish, work: (image: string) => T): T | undefined {
  const name = pull(wish.image ?? '', wish);
  return name === undefined ? undefined : work(name);
}

/** A slip in the name is likelier than an image that nobody has. */
function hint(image: string): void {
  const { imageNames } = load('cli/known-names.chunk.js') as typeof import('./known-names.chunk.ts');
  const nearest = orNearest(image, () => imageNames(image));
  if (nearest !== '') printError(`corten: There is no image called ${image} in the store${nearest}\n`);
}

/** The request with the image under the name that it was found by. */
export function ofImage(request: RunRequest, image: string): RunRequest {
  return 'image' in request.source ? { ...request, source: { image } } : request;
}

function policyFrom(options: Options): PullPolicy {
  const policy = options.text('pull') ?? 'missing';
  if (policy === 'missing' || policy === 'always' || policy === 'never') return policy;
  throw usageError(`The flag --pull takes missing, always or never, not "${policy}"`);
}

function pull(reference: string, { roots, options }: ImageWish): string | undefined {
  const { pullAside } = load('cli/pull-aside.chunk.js') as unknown as {
    readonly pullAside: (roots: Roots, pulling: Pulling) => string | undefined;
  };
  const progress = options.isOn('quiet') ? 'quiet' : 'auto';
  return pullAside(roots, { reference, platform: options.text('platform'), progress });
}
