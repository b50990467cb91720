/**
 * Words of a Dockerfile's instruction: split at blanks, with quotes and backslashes as a shell has them (Dockerfile
 * reference, ENV and LABEL).
 */
export function words(text: string): readonly string[] {
  const found: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '\\' && quote !== "'") {
      const next = text[++at] ?? '';
      // Between double quotes only these can be escaped.
      word = (word ?? '') + (quote === '"' && !/["\\$]/.test(next) ? `\\${next}` : next);
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) found.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (quote !== '') throw new Error(`has a quote ${quote} that isn't closed`);
  return word === undefined ? found : [...found, word];
}

/** `A=1 B="2 3"`, or the old form `A 1 2` for one pair. */
export function keyValues(text: string): readonly (readonly [string, string])[] {
  const found = words(text);
  const [first = ''] = found;
  if (!first.includes('=')) {
    const [, name = '', value] = /^(\S+)\s+([^]+)$/.exec(text) ?? [];
    if (value === undefined) throw new Error('is not of the form NAME=VALUE');
    return [[name, value]];
  }
  return found.map((word) => {
    const equals = word.indexOf('=');
    if (equals > 0) return [word.slice(0, equals), word.slice(equals + 1)];
    throw new Error(`has ${JSON.stringify(word)}, which is not of the form NAME=VALUE`);
  });
}
