import { templates } from './corten-format.ts';
import { print } from './runt-context.ts';

export const DOCUMENT_FORMAT_FLAG = {
  kind: 'text',
  short: 'f',
  value: 'FORM',
  help: "json, or a template in Go's syntax: {{.Server.Version}}",
} as const;

/** Prints one document: as lines of `field: value`, as JSON, or by a template. */
export function printDocument(document: object, format: string | undefined): void {
  if (format === undefined || format === '') return print(linesOf(document, ''));
  if (format === 'json') return print(`${JSON.stringify(document)}\n`);
  const { fillInDocument, readTemplate } = templates();
  print(`${fillInDocument(readTemplate(format), document)}\n`);
}

function linesOf(value: object, indent: string): string {
  return Object.entries(value)
    .map(([key, inner]: [string, unknown]) => {
      const shown = textOf(inner);
      if (shown !== undefined) return `${indent}${key}: ${shown}\n`;
      return `${indent}${key}:\n${linesOf(inner as object, `${indent}  `)}`;
    })
    .join('');
}

/** undefined for what has lines of its own. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return String(value as string | number | boolean);
  if (!Array.isArray(value)) return undefined;
  const texts = value.map((one: unknown) => (Array.isArray(one) ? one.join(': ') : one));
  return texts.every((one) => typeof one === 'string') ? texts.join(', ') : undefined;
}
