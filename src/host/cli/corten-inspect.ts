import { storeError } from '../../pure/store/errors.ts';
import { inspectImage } from '../engine/inspect-image.ts';
import type { Roots } from '../engine/roots.ts';
import { templates } from './corten-format.ts';
import { print } from './runt-context.ts';

export const FORMAT_FLAG = {
  kind: 'text',
  short: 'f',
  value: 'TEMPLATE',
  help: "json, or a template in Go's syntax: {{.State.Status}}, {{json .Mounts}}",
} as const;

/** Prints values as one JSON array, or each by the template on a line of its own. */
export function printInspected(values: readonly object[], template: string | undefined): void {
  if (template === undefined || template === 'json') {
    print(`${JSON.stringify(values, undefined, template === undefined ? 4 : 0)}\n`);
  } else {
    const { fillInDocument, readTemplate } = templates();
    const read = readTemplate(template);
    for (const value of values) print(`${fillInDocument(read, value)}\n`);
  }
}

export function requireInspectedImage(roots: Roots, reference: string): object {
  const image = inspectImage(roots, reference);
  if (image !== undefined) return image;
  const text = `No image ${JSON.stringify(reference)} in the store: corten images lists them, corten pull brings one`;
  throw storeError('IMAGE_NOT_FOUND', text, { data: { reference } });
}
