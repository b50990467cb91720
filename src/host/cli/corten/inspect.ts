import { isCortenError } from '../../../pure/base/errors.ts';
import { findContainer } from '../../engine/find-container.ts';
import { inspectContainer } from '../../engine/inspect-container.ts';
import type { Roots } from '../../engine/roots.ts';
import { forEach, usageError, type CortenContext } from '../corten-context.ts';
import { FORMAT_FLAG, printInspected, requireInspectedImage } from '../corten-inspect.ts';
import { parseVerb } from '../verb.ts';

const TYPES = ['container', 'image', 'volume', 'network', 'pod'] as const;
type Type = (typeof TYPES)[number];

const HELP = {
  usage: 'inspect [flags] NAME...',
  summary:
    'Shows all about containers, images, volumes, networks and pods, in this order of looking, as JSON.',
  flags: {
    format: FORMAT_FLAG,
    size: { kind: 'switch', short: 's', help: 'with the bytes that a container takes' },
    type: { kind: 'text', value: TYPES.join('|'), help: 'look for one kind alone' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length === 0)
    throw usageError('Name at least one container, image, volume, network or pod');
  const type = typeFrom(options.text('type'));
  const look = lookUp(roots, options.isOn('size'));
  const values: object[] = [];
  const code = forEach(options.rest, (wanted) => values.push(inspected(look, wanted, type)));
  printInspected(values, options.text('format'));
  return code;
}

function typeFrom(text: string | undefined): Type | undefined {
  const type = TYPES.find((one) => one === text);
  if (type !== undefined || text === undefined || text === '') return type;
  throw usageError(`The type "${text}" is unknown: give one of ${TYPES.join(', ')}`);
}

function others(): typeof import('../inspect-others.chunk.ts') {
  return load('cli/inspect-others.chunk.js') as typeof import('../inspect-others.chunk.ts');
}

type LookUp = Readonly<Record<Type, (wanted: string) => object>>;

function lookUp(roots: Roots, hasSize: boolean): LookUp {
  return {
    container: (wanted) => inspectContainer(roots, findContainer(roots, wanted), hasSize),
    image: (wanted) => requireInspectedImage(roots, wanted),
    volume: (wanted) => others().inspectVolume(roots, wanted),
    network: (wanted) => others().inspectNetwork(roots, wanted),
    pod: (wanted) => others().inspectPod(roots, wanted),
  };
}

/** Of the first kind that has the name; of none, what is said of containers. */
function inspected(look: LookUp, wanted: string, type: Type | undefined): object {
  if (type !== undefined) return look[type](wanted);
  let first: unknown;
  for (const one of TYPES) {
    try {
      return look[one](wanted);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      first ??= error;
    }
  }
  throw first;
}

/** What can't be a name of the kind is none of it. */
function isNotFound(error: unknown): boolean {
  return (
    isCortenError(error) &&
    (error.kind === 'not_found' || error.code === 'REFERENCE_INVALID' || error.code.endsWith('_NAME_INVALID'))
  );
}
