import { listPods } from '../engine/list-pods.ts';
import { findPod } from '../engine/find-pod.ts';
import type { Roots } from '../engine/roots.ts';
import type { Places } from '../monitor/places.ts';
import { EXIT, forEach, reportError, usageError } from './corten-context.ts';
import type { Options } from './options.ts';
import { print } from './runt-context.ts';
import { podIdIn } from './pod-id-file.ts';

/** Flags of whatever is done to several pods. */
export const PODS_FLAGS = {
  all: { kind: 'switch', short: 'a', help: 'all pods' },
  latest: { kind: 'switch', short: 'l', help: 'the newest pod' },
  'pod-id-file': { kind: 'list', value: 'FILE', help: 'a pod by a file with its ID' },
} as const;

/** The pods that flags and words name, as a user would name them. */
export function wantedPods(roots: Roots, options: Options): readonly string[] {
  const files = options.list('pod-id-file').map(podIdIn);
  if (options.isOn('all') || options.isOn('latest')) {
    if (options.rest.length + files.length > 0)
      throw usageError('The flags --all and --latest go with no name of a pod');
    const ids = listPods(roots).map(({ id }) => id);
    return options.isOn('all') ? ids : ids.slice(0, 1);
  }
  if (options.rest.length + files.length === 0) throw usageError('Name at least one pod');
  return [...options.rest, ...files];
}

/** Does `work` for each pod, prints its ID, and reports what it says went wrong with single containers. */
export function forEachPod(
  roots: Roots,
  options: Options,
  work: (places: Places) => readonly unknown[] | void,
): number {
  let code = 0;
  const own = forEach(wantedPods(roots, options), (wanted) => {
    const places = findPod(roots, wanted);
    for (const failure of work(places) ?? []) {
      reportError(failure);
      code = EXIT.FAILED;
    }
    print(`${places.id}\n`);
  });
  return own === 0 ? code : own;
}
