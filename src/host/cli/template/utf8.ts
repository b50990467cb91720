/** Go counts and cuts texts by their bytes in UTF-8. */
export function toUtf8(text: string): readonly number[] {
  return Array.from(text).flatMap((character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) return [code];
    if (code < 0x800) return [0xc0 | (code >> 6), tail(code)];
    if (code < 0x10000) return [0xe0 | (code >> 12), tail(code >> 6), tail(code)];
    return [0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code)];
  });
}

function tail(code: number): number {
  return 0x80 | (code & 0x3f);
}

/** The characters that lie whole between two byte positions. */
export function utf8Slice(text: string, start: number, end: number): string {
  let at = 0;
  let found = '';
  for (const character of text) {
    const length = toUtf8(character).length;
    if (at >= start && at + length <= end) found += character;
    at += length;
  }
  return found;
}
