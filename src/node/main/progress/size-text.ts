const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes in decimal units with four digits, as Docker shows them: `3.408MB`. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(4))}${UNITS[unit] ?? ''}`;
}
