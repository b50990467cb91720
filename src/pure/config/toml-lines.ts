/** A key, bare or quoted, or several with dots between; what follows it is not looked at. */
const WORD = String.raw`(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')`;
const KEY = new RegExp(String.raw`^\s*(${WORD}(?:\s*\.\s*${WORD})*)\s*=`);
const TABLE = new RegExp(String.raw`^\s*\[{1,2}\s*(${WORD}(?:\s*\.\s*${WORD})*)\s*\]{1,2}`);

/**
 * The line, from 1, at which a TOML document has a key; of the nearest table around it where the key stands within an
 * inline table. 1 where nothing fits.
 */
export function lineOfKey(text: string, path: readonly string[]): number {
  let table: readonly string[] = [];
  let best = { line: 1, depth: 0 };
  for (const [index, line] of text.split('\n').entries()) {
    const header = TABLE.exec(line)?.[1];
    const key = header === undefined ? KEY.exec(line)?.[1] : undefined;
    if (header !== undefined) table = partsOf(header);
    const whole = header !== undefined ? table : key === undefined ? [] : [...table, ...partsOf(key)];
    const depth =
      whole.length <= path.length && whole.every((part, at) => part === path[at]) ? whole.length : 0;
    if (depth > best.depth) best = { line: index + 1, depth };
  }
  return best.line;
}

function partsOf(key: string): readonly string[] {
  return [...key.matchAll(new RegExp(WORD, 'g'))].map(([part]) => part.replace(/^["']|["']$/g, ''));
}
