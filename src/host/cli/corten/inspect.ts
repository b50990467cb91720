import { isCortenError } from '../../../pure/base/errors.ts';
import { findContainer } from '../../engine/find-container.ts';
import { inspectContainer } from '../../engine/inspect-container.ts';
import { inspectImage } from '../../engine/inspect-image.ts';
import type { Roots } from '../../engine/roots.ts';
import { forEach, usageError, type CortenContext } from '../corten-context.ts';
import { FORMAT_FLAG, printInspected, requireInspectedImage } from '../corten-inspect.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'inspect [flags] NAME...',
  summary: 'Shows all about containers, or images where no container is called so, as JSON.',
  flags: {
    format: FORMAT_FLAG,
    type: { kind: 'text', value: 'container|image', help: 'look for one kind alone' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length === 0) throw usageError('Name at least one container or image');
  const type = options.text('type');
  if (type !== undefined && type !== 'container' && type !== 'image') {
    throw usageError(`The type "${type}" is unknown: give container or image`);
  }
  const values: object[] = [];
  const code = forEach(options.rest, (wanted) => values.push(inspected(roots, wanted, type)));
  printInspected(values, options.text('format'));
  return code;
}

function inspected(roots: Roots, wanted: string, type: 'container' | 'image' | undefined): object {
  if (type === 'image') return requireInspectedImage(roots, wanted);
  try {
    return inspectContainer(findContainer(roots, wanted));
  } catch (error) {
    const image = type === undefined && isNotFound(error) ? imageIfAny(roots, wanted) : undefined;
    if (image === undefined) throw error;
    return image;
  }
}

function isNotFound(error: unknown): boolean {
  return isCortenError(error) && error.code === 'ENGINE_CONTAINER_NOT_FOUND';
}

/** What can't be an image's name is none. */
function imageIfAny(roots: Roots, wanted: string): object | undefined {
  try {
    return inspectImage(roots, wanted);
  } catch (error) {
    if (isCortenError(error) && error.code === 'REFERENCE_INVALID') return undefined;
    throw error;
  }
}
