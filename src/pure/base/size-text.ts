const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes in the decimal units that Docker shows: `77.8MB`; of a transfer with four digits, as it does. */
export function sizeText(bytes: number, digits = 3): string {
  return inUnits(bytes, { units: UNITS, step: 1000, digits });
}

/** Bytes in the binary units that Docker shows memory in: `1.953MiB`. */
export function binarySizeText(bytes: number): string {
  return inUnits(bytes, { units: BINARY_UNITS, step: 1024, digits: 4 });
}

interface Units {
  readonly units: readonly string[];
  readonly step: number;
  readonly digits: number;
}

function inUnits(bytes: number, { units, step, digits }: Units): string {
  let value = bytes;
  let unit = 0;
  while (value >= step && unit < units.length - 1) {
    value /= step;
    unit++;
  }
  return `${Number(value.toPrecision(digits))}${units[unit] ?? ''}`;
}
