const GAP = 3;
/** As docker's tables have it. */
const NARROWEST = 10;

/** Rows as columns of equal width, three blanks between them; the last column is as long as its text. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(NARROWEST, ...rows.map((row) => (row[column] ?? '').length + GAP)),
  );
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('');
  return rows.map((row) => `${line(row)}\n`).join('');
}
