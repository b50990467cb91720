import { usageError } from './corten-context.ts';

/** Whether --format asks for JSON: no other format is known to lists. */
export function isJson(format: string | undefined): boolean {
  if (format === undefined || format === 'table') return false;
  if (format === 'json' || format === '{{json .}}') return true;
  throw usageError(`The format "${format}" is not supported by this version: give json`);
}

/** One JSON text a line, as Docker prints lists. */
export function jsonLines(items: readonly object[]): string {
  return items.map((item) => `${JSON.stringify(item)}\n`).join('');
}
