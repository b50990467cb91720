import { findPod } from '../../engine/find-pod.ts';
import { inspectPod } from '../../engine/inspect-pod.ts';
import { forEach, type CortenContext } from '../corten-context.ts';
import { FORMAT_FLAG, printInspected } from '../corten-inspect.ts';
import { wantedPods, PODS_FLAGS } from '../corten-pods.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'pod inspect [flags] POD...',
  summary: 'Shows all about pods as JSON: an object for one, a list for several.',
  flags: { latest: PODS_FLAGS.latest, format: FORMAT_FLAG },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const values: object[] = [];
  const code = forEach(wantedPods(roots, options), (wanted) =>
    values.push(inspectPod(roots, findPod(roots, wanted))),
  );
  const [only, second] = values;
  const format = options.text('format');
  // As podman 4 has it.
  if (format === undefined && only !== undefined && second === undefined)
    print(`${JSON.stringify(only, undefined, 4)}\n`);
  else printInspected(values, format);
  return code;
}
