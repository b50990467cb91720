import { print } from './runt-context.ts';
import { table } from './table.ts';
import type { Struct } from './template.chunk.ts';

type Templates = typeof import('./template.chunk.ts');

/** A list as docker prints it: rows of named fields, of which some are shown in columns. */
export interface List<Row extends object> {
  readonly rows: readonly Row[];
  /** What stands above each field in a table. */
  readonly headers: Readonly<Partial<Record<keyof Row, string>>>;
  /** The fields that a table has when nothing else is asked for. */
  readonly columns: readonly (keyof Row & string)[];
  /** What --quiet prints of a row. */
  readonly identifier: keyof Row & string;
}

export const FORMAT_FLAG = {
  kind: 'text',
  value: 'FORM',
  help: "table, json, or a template in Go's syntax: {{.ID}}, table {{.Names}}\\t{{.Status}}",
} as const;

/** How --format and --quiet want it. */
export interface Form {
  readonly format: string | undefined;
  readonly isQuiet: boolean;
  /** Whether a table has titles, as it has unless told otherwise. */
  readonly hasHeading?: boolean;
}

/** The templates' engine, loaded where a template is given. */
export function templates(): Templates {
  return load('cli/template.chunk.js') as Templates;
}

/** Prints a list: as a table, as IDs, as one JSON object a line, or each row by a template. */
export function printList<Row extends object>(
  list: List<Row>,
  { format = 'table', isQuiet, hasHeading = true }: Form,
): void {
  const { rows, columns, identifier, headers } = list;
  if (format === 'table' || format === '') {
    if (isQuiet) return print(rows.map((row) => `${textIn(row, identifier)}\n`).join(''));
    const header = columns.map((name) => headers[name] ?? name.toUpperCase());
    const lines = table([header, ...rows.map((row) => columns.map((name) => textIn(row, name)))]);
    return print(hasHeading ? lines : lines.slice(lines.indexOf('\n') + 1));
  }
  if (format === 'json') return print(jsonLines(rows));
  print(byTemplate(list, format.replaceAll('\\t', '\t').replaceAll('\\n', '\n')));
}

function byTemplate<Row extends object>({ rows, headers }: List<Row>, format: string): string {
  const { fillIn, readTemplate } = templates();
  const isTable = format.startsWith('table ');
  const template = readTemplate(isTable ? format.slice('table '.length).trim() : format);
  // podman's way: the template goes through the rows itself.
  if (/^\{\{-?\s*range\s+\.\s*-?\}\}/.test(format)) return fillIn(template, rows as readonly Struct[]);
  const lines = rows.map((row) => fillIn(template, row as Struct));
  if (!isTable) return lines.map((line) => `${line}\n`).join('');
  const first = rows[0] ?? {};
  const header = templates().fillInHeader(template, { ...first, ...headers });
  return table([header, ...lines].map((line) => line.split('\t')));
}

/** One JSON object a line, with what is data in a row. */
function jsonLines(items: readonly object[]): string {
  return items.map((item) => `${JSON.stringify(item)}\n`).join('');
}

function textIn(row: object, name: string): string {
  const value = (row as Readonly<Record<string, string | number | undefined>>)[name];
  return value === undefined ? '' : String(value);
}
