const UNITS: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** A time as Go's time.ParseDuration reads it (`1m30s`, `1.5h`, `250ms`); undefined for what is none. */
export function toMilliseconds(text: string): number | undefined {
  const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/y;
  let total = 0;
  while (part.lastIndex < text.length) {
    const [, number = '', unit = ''] = part.exec(text) ?? [];
    const factor = UNITS.get(unit);
    if (factor === undefined) return undefined;
    total += Number(number) * factor;
  }
  return text === '' ? undefined : total;
}
