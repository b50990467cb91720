import { storeError } from '../../pure/store/errors.ts';
import { inspectImage } from '../engine/inspect-image.ts';
import type { Roots } from '../engine/roots.ts';
import { fillTemplate } from './corten-template.ts';
import { print } from './runt-context.ts';

export const FORMAT_FLAG = {
  kind: 'text',
  short: 'f',
  value: 'TEMPLATE',
  help: 'fields alone, as {{.Field.Inner}} or {{json .Field}}',
} as const;

/** Prints values as one JSON array, or each by the template on a line of its own. */
export function printInspected(values: readonly object[], template: string | undefined): void {
  if (template === undefined || template === 'json') {
    print(`${JSON.stringify(values, undefined, template === undefined ? 4 : 0)}\n`);
  } else {
    for (const value of values) print(`${fillTemplate(template, value)}\n`);
  }
}

export function requireInspectedImage(roots: Roots, reference: string): object {
  const image = inspectImage(roots, reference);
  if (image !== undefined) return image;
  const text = `No image ${JSON.stringify(reference)} in the store: corten images lists them, corten pull brings one`;
  throw storeError('IMAGE_NOT_FOUND', text, { data: { reference } });
}
