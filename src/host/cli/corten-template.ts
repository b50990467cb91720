import { usageError } from './corten-context.ts';

const FIELD = /\{\{\s*(json\s+)?((?:\.[A-Za-z0-9_]+)+|\.)\s*\}\}/g;

/** Replaces `{{.Field.Inner}}` and `{{json .Field}}` by what the value has there: what most formats need of Go's. */
export function fillTemplate(template: string, value: object): string {
  if (template.replaceAll(FIELD, '').includes('{{')) {
    throw usageError(
      `The format "${template}" is not supported by this version: use {{.Field}} and {{json .Field}} alone`,
    );
  }
  return template.replaceAll(FIELD, (_, json: string | undefined, path: string) => {
    const found = path
      .split('.')
      .filter((key) => key !== '')
      .reduce(step, value as unknown);
    return json === undefined ? plain(found) : JSON.stringify(found);
  });
}

function step(value: unknown, key: string): unknown {
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, key)) {
    return (value as Readonly<Record<string, unknown>>)[key];
  }
  throw usageError(`The format names the field .${key}, which there is none of`);
}

/** As Go prints it. */
function plain(value: unknown): string {
  if (value === null) return '<nil>';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(plain).join(' ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  return `map[${Object.entries(value)
    .map(([key, inner]) => `${key}:${plain(inner)}`)
    .join(' ')}]`;
}
