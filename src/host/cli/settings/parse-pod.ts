import type { PodWish } from '../../engine/run-request.ts';
import { usageError } from '../corten-context.ts';
import { NETWORK_FLAGS } from '../corten-network-flags.ts';
import type { Options } from '../options.ts';
import { podIdIn } from '../pod-id-file.ts';

const NEW = 'new:';

/** What --pod and --pod-id-file say. */
export function parsePod(options: Options): PodWish {
  const text = options.text('pod') ?? podIdIn(options.text('pod-id-file') ?? '');
  const isNew = text.startsWith(NEW);
  const { expose: _told, ...own } = NETWORK_FLAGS;
  const name = isNew ? text.slice(NEW.length) : text;
  if (name === '' && !isNew)
    throw usageError('The flag --pod needs the name of a pod, or new:NAME for one to make');
  return { name, isNew, hasOwnNetworking: options.hasAny(own) };
}
