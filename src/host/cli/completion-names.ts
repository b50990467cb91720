import { shortReference } from '../../pure/store/reference.ts';
import { allPods } from '../engine/find-pod.ts';
import { listContainers } from '../engine/list-containers.ts';
import { listImages } from '../engine/list-images.ts';
import type { Roots } from '../engine/roots.ts';

type Kind = 'running' | 'container' | 'image' | 'path' | 'pod';

/** What the words of a verb are; verbs that aren't here take none that is known. */
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ...['attach', 'exec', 'kill', 'pause', 'unpause', 'stop', 'stats', 'top', 'update', 'port'].map(
    (verb) => [verb, 'running'] as const,
  ),
  ...[
    'commit',
    'diff',
    'export',
    'inspect',
    'logs',
    'rename',
    'restart',
    'rm',
    'start',
    'wait',
    'generate-systemd',
  ].map((verb) => [verb, 'container'] as const),
  ...['create', 'history', 'image-inspect', 'images', 'push', 'rmi', 'run', 'save', 'tag'].map(
    (verb) => [verb, 'image'] as const,
  ),
  ['cp', 'path'],
  ...['inspect', 'start', 'stop', 'restart', 'kill', 'pause', 'unpause', 'top', 'exists', 'rm'].map(
    (verb) => [`pod-${verb}`, 'pod'] as const,
  ),
]);
/** Verbs of which only the first word is such a name. */
const FIRST_ONLY: ReadonlySet<string> = new Set(['exec', 'create', 'run', 'top', 'rename', 'commit', 'tag']);

/** Names that may stand next, after these words of the verb's own. */
export function namesFor(roots: Roots, verb: string, words: readonly string[]): readonly string[] {
  const kind = KINDS.get(verb);
  const hasName = words.some((word) => !word.startsWith('-'));
  if (kind === undefined || (hasName && FIRST_ONLY.has(verb))) return [];
  if (kind === 'image') return imageNames(roots);
  if (kind === 'pod') return allPods(roots).map(({ name }) => name);
  const names = listContainers(roots, kind !== 'running').map(({ name }) => name);
  if (kind === 'path') return names.map((name) => `${name}:`);
  return verb === 'inspect' ? [...names, ...imageNames(roots)] : names;
}

function imageNames(roots: Roots): readonly string[] {
  const names = listImages(roots).flatMap(({ references }) => references.map(shortReference));
  return names.filter((name) => !name.includes('@'));
}
