const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['k', 1 << 10],
  ['m', 1 << 20],
  ['g', 1 << 30],
  ['t', 2 ** 40],
  ['p', 2 ** 50],
]);

/** Bytes as the peers' command lines give them (`512m`, `1.5GiB`, `-1`); undefined for what is no such size. */
export function toBytes(text: string): number | undefined {
  if (text === '-1') return -1;
  const [, digits, unit = ''] = /^(\d{1,15}(?:\.\d{1,9})?) ?([bkmgtp]?)(?:ib|b)?$/i.exec(text) ?? [];
  const value = Math.floor(Number(digits) * (UNITS.get(unit.toLowerCase()) ?? NaN));
  return Number.isSafeInteger(value) ? value : undefined;
}
