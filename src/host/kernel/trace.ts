// Stack traces that name file.ts:line, by the source maps embedded beside the bytecode. Costs nothing until a
// program fails.

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

interface SourceMap {
  readonly sources: readonly string[];
  readonly mappings: string;
}

/** The error's stack with `chunk.js:line:column` replaced by `src/…/file.ts:line`. */
export function traceOf(error: Error): string {
  return (error.stack ?? '').replace(
    /([\w./-]+\.js):(\d+):(\d+)/g,
    (place, chunk: string, line: string, column: string) => {
      const text = sourceMap(chunk);
      if (text === undefined) return place;
      return origin(JSON.parse(text) as SourceMap, Number(line), Number(column)) ?? place;
    },
  );
}

/** Where a position of a chunk (both from 1) came from. Format: ECMA-426, the `mappings` field. */
function origin(map: SourceMap, line: number, column: number): string | undefined {
  let source = 0;
  let original = 0;
  let found: string | undefined;
  map.mappings.split(';', line).forEach((segments, index) => {
    let generated = 0;
    for (const segment of segments === '' ? [] : segments.split(',')) {
      const [step = 0, sourceStep, lineStep] = decode(segment);
      generated += step;
      source += sourceStep ?? 0;
      original += lineStep ?? 0;
      if (index === line - 1 && generated < column) found = `${map.sources[source] ?? '?'}:${original + 1}`;
    }
  });
  return found?.replace(/^.*?\b(src|test)\//, '$1/');
}

/** The numbers of one segment: base 64, five bits a digit, the lowest bit the sign. */
function decode(segment: string): readonly number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const letter of segment) {
    const digit = DIGITS.indexOf(letter);
    value |= (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    numbers.push((value & 1) === 1 ? -(value >>> 1) : value >>> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}
